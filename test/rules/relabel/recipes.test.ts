import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";
import { parseRelabelYaml } from "../../../src/config/input/relabel-yaml.ts";
import { labelsText, parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import { md5Tail } from "./md5-tail.ts";

const page = readFileSync(
  fileURLToPath(new URL("../../../docs/relabeling.md", import.meta.url)),
  "utf8",
);
const recipes = page.split("\n### ").slice(1);

test("there are ten recipes", () => {
  expect(recipes).toHaveLength(10);
});

test.each(recipes.map((text) => [text.split("\n")[0], text]))("recipe: %s", async (_, text) => {
  const flavour = "prometheus" as const;
  const { rules, faults } = await parseRelabelYaml(block(text, "yaml"), { flavour, names: "utf8" });
  expect(faults).toEqual([]);
  const program = new RelabelProgram({ flavour, rules }, md5Tail);
  const after = block(text, "text before")
    .split("\n")
    .flatMap((line) => {
      const parsed = parseLabelsText(line);
      expect(parsed.kind).toBe("labels");
      const labels = parsed.kind === "labels" ? program.apply(parsed.labels) : undefined;
      return labels === undefined ? [] : [labelsText(labels)];
    });
  expect(after).toEqual(block(text, "text after").split("\n").map(normalized));
});

test("every table that the page shows can be pasted", () => {
  const tables = [...page.matchAll(/```toml\n(.*?)```/gs)].map(([, text = ""]) => text);
  const forInputs = tables.filter((text) => text.includes("[[inputs.prom]]"));
  expect([tables.length, forInputs.length]).toEqual([3, 2]);
  for (const text of forInputs) {
    const options = { file: "a.conf", expandEnvironment: false, allowSingleTable: true } as const;
    const { inputs, issues } = parsePromInputs(text, options);
    expect([inputs.length, issues]).toEqual([1, []]);
  }
});

function block(text: string, kind: string): string {
  return new RegExp(`\`\`\`${kind}\n([^]*?)\n\`\`\``).exec(text)?.[1] ?? "";
}

/** Labels may stand in any order in the page. */
function normalized(line: string): string {
  const parsed = parseLabelsText(line);
  return parsed.kind === "labels" ? labelsText(parsed.labels) : line;
}
