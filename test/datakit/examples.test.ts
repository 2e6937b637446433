import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scrapeTargetOf } from "../../src/agent/targets/target-spec.ts";
import { parsePromInputs } from "../../src/config/input/parse-prom-inputs.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import { upPoint } from "../../src/points/up-point.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { readLineProtocol } from "../support/line-protocol.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { transformPage } from "../support/transform-page.ts";

// Each example is a file that a person can read: TOML, page, and the points DataKit makes of them. Where we differ on
// purpose it names the row of docs/compatibility.md that says why, and holds the points promline makes.

const AT_MS = 1_700_000_000_000;
const NO_GLOBALS = { globalHostTags: {}, globalElectionTags: {} };

interface Example {
  readonly title: string;
  readonly toml: string;
  readonly page: string;
  readonly datakit: string;
  readonly differs?: { readonly row: string; readonly points: string };
}

const directory = new URL(".", import.meta.url);
const compatibility = readFileSync(new URL("../../docs/compatibility.md", directory), "utf8");
const examples = readdirSync(directory)
  .filter((file) => /^[EK]\d+\.md$/.test(file))
  .map((file) => readExample(readFileSync(new URL(file, directory), "utf8")));

function readExample(text: string): Example {
  const block = (language: string): string =>
    new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(text)?.[1] ?? "";
  const row = /^Differs: (.*)$/m.exec(text)?.[1];
  return {
    title: text.split("\n")[0]?.slice(2) ?? "",
    toml: block("toml"),
    page: block("text"),
    datakit: withoutRemarks(block("lp")),
    ...(row === undefined ? {} : { differs: { row, points: block("promline") } }),
  };
}

function withoutRemarks(points: string): string {
  return points.replace(/^#.*\n/gm, "").replaceAll("NOW", `${AT_MS}000000`);
}

function rulesOf(toml: string): RulesConfig {
  const { inputs, issues } = parsePromInputs(toml, {
    file: "example",
    expandEnvironment: {},
    allowSingleTable: true,
  });
  expect(issues.filter(({ severity }) => severity === "error")).toEqual([]);
  const [target] = staticTargets(inputs).targets;
  if (target === undefined) {
    throw new Error("the example declares no target");
  }
  return scrapeTargetOf(target, NO_GLOBALS).rules;
}

function expectPoints(lines: readonly string[], expected: string): void {
  const difference = comparePoints(
    readLineProtocol(lines.map((line) => `${line}\n`).join("")),
    readLineProtocol(expected),
  );
  expect(difference).toEqual({ missing: [], unexpected: [] });
}

describe("examples of DataKit", () => {
  const pages = examples.filter(({ page, title }) => page !== "" && !title.startsWith("K01"));

  test("there are the 26 of parts A and B", () => {
    expect(pages).toHaveLength(26);
  });

  test.each(pages.map((example) => [example.title, example] as const))("%s", (_, example) => {
    const lines = transformPage(example.page, { rules: rulesOf(example.toml) });
    expectPoints(lines, example.differs?.points ?? example.datakit);
  });

  test.each(
    examples.flatMap(({ title, differs }) => (differs === undefined ? [] : [[title, differs.row]])),
  )("%s has its row in docs/compatibility.md", (_, row) => {
    expect(compatibility).toContain(`\n| ${row} |`);
  });
});

function example(id: string): Example {
  const found = examples.find(({ title }) => title.startsWith(id));
  if (found === undefined) {
    throw new Error(`no example ${id}`);
  }
  return found;
}

test("K01: what an annotation declares wins over labels", () => {
  const { toml, page, datakit } = example("K01");
  const pod = { $IP: "10.1.2.3", $NAMESPACE: "ns1", $PODNAME: "pod-1", $NODENAME: "node-1" };
  const text = Object.entries(pod).reduce(
    (done, [name, value]) => done.replaceAll(name, value),
    toml,
  );
  const { inputs } = parsePromInputs(text, {
    file: "annotation",
    expandEnvironment: false,
    allowSingleTable: false,
  });
  const rules: RulesConfig = {
    ...(inputs[0] as (typeof inputs)[0]).input.rules,
    honorTimestamps: false,
    keepExistMetricName: false,
    overridingTags: {
      ...(inputs[0] as (typeof inputs)[0]).input.tags,
      app: "x",
      "app_kubernetes_io/name": "foo",
    },
    addedTags: [["instance", "10.1.2.3:8080"]],
  };
  expectPoints(transformPage(page, { rules }), datakit);
});

test("K06: the up point", () => {
  const { toml, datakit } = example("K06");
  const { inputs } = parsePromInputs(toml, {
    file: "example",
    expandEnvironment: {},
    allowSingleTable: true,
  });
  const [target] = staticTargets(inputs).targets;
  const up = target === undefined ? undefined : scrapeTargetOf(target, NO_GLOBALS).up;
  expectPoints([upPoint(up ?? {}, true, AT_MS).trimEnd()], datakit);
});

test("D08: global tags are added where a point lacks them, those of election to elected inputs", () => {
  const globals = {
    globalHostTags: { host: "n1", cluster: "c" },
    globalElectionTags: { cluster: "c", election_namespace: "default" },
  };
  const point = (election: boolean): readonly string[] => {
    const toml = `[[inputs.prom]]\nurls = ["http://10.0.0.5:9100/metrics"]\nelection = ${election}\n`;
    const { inputs } = parsePromInputs(toml, {
      file: "example",
      expandEnvironment: {},
      allowSingleTable: true,
    });
    const [target] = staticTargets(inputs).targets;
    const { rules } = scrapeTargetOf(target as NonNullable<typeof target>, globals);
    return transformPage("svc_a 1\n", { rules });
  };
  const time = `${AT_MS}000000`;
  expectPoints(
    point(true),
    `svc,cluster=c,election_namespace=default,host=10.0.0.5,instance=10.0.0.5:9100 a=1 ${time}\n`,
  );
  expectPoints(point(false), `svc,cluster=c,host=10.0.0.5,instance=10.0.0.5:9100 a=1 ${time}\n`);
});
