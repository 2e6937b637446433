import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";
import { processEnvironment } from "../../../src/config/language/environment.ts";

const VARIABLE = "PROMLINE_SEEDS";
const SEEDS = processEnvironment()[VARIABLE] ?? "../shared/seed-configs";
const isThere = existsSync(SEEDS);
if (!isThere) {
  process.stderr.write(`skipped: no seed configurations in ${SEEDS}\n`);
}

describe.skipIf(!isThere)("configurations from the field", () => {
  const names = isThere ? readdirSync(join(SEEDS, "conf.d")) : [];
  test.each(names)("%s loads unchanged", (name) => {
    const text = readFileSync(join(SEEDS, "conf.d", name), "utf8");
    const parsed = parsePromInputs(text, {
      file: name,
      expandEnvironment: {},
      allowSingleTable: true,
    });
    expect(parsed.issues.filter((issue) => issue.severity === "error")).toEqual([]);
    expect(parsed.inputs).toHaveLength(1);
    expect(parsed.inputs[0]?.position).toEqual({ line: 1, column: 1 });
  });

  test("the annotation of a pod loads unchanged", () => {
    const yaml = readFileSync(join(SEEDS, "pod-annotations.yaml"), "utf8");
    const block = /datakit\/prom\.instances: \|\n((?: {4}.*\n)+)/.exec(yaml)?.[1] ?? "";
    const parsed = parsePromInputs(block, {
      file: "annotation",
      expandEnvironment: false,
      allowSingleTable: false,
    });
    expect(parsed.issues).toEqual([]);
    expect(parsed.inputs[0]?.input).toMatchObject({
      urls: ["http://$IP:15020/stats/prometheus"],
      tags: { namespace: "$NAMESPACE" },
      rules: { measurementName: "istio_prom" },
    });
  });
});
