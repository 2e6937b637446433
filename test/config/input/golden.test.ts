import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePromInputs } from "../../../src/config/input/parse-prom-inputs.ts";
import { formatIssue } from "../../../src/config/language/issue-text.ts";

const GOLDEN = new URL("golden/", import.meta.url);
const ENVIRONMENT = {
  INTERVAL: "soon",
  NAME: 'the"secret"',
  LONG: "0123456789012345678901234567890123456789",
};
const NAMES = readdirSync(GOLDEN)
  .filter((file) => file.endsWith(".conf"))
  .map((file) => file.slice(0, -".conf".length));

/** Each wrong configuration stands beside the issues it must yield and the number of inputs that stay. */
describe("golden configurations", () => {
  test.each(NAMES)("%s", async (name) => {
    const text = readFileSync(new URL(`${name}.conf`, GOLDEN), "utf8");
    const { inputs, issues } = parsePromInputs(text, {
      file: `${name}.conf`,
      expandEnvironment: ENVIRONMENT,
      allowSingleTable: true,
    });
    const lines = [...issues.map(formatIssue), `inputs: ${inputs.length}`];
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`golden/${name}.issues`);
  });
});
