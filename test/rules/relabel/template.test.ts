import { expect, test } from "vitest";
import { splitReferences, Template } from "../../../src/rules/relabel/template.ts";

const GROUPS = {
  byNumber: (number: number) => `<${number}>`,
  byName: (name: string) => `[${name}]`,
};

function expand(text: string, references = false): string {
  return new Template(text, references).expand(GROUPS, (label) => `{${label}}`);
}

test.each([
  ["plain", "plain"],
  ["$1", "<1>"],
  ["a${12}b", "a<12>b"],
  ["$1a", "[1a]"],
  ["${1}a", "<1>a"],
  ["$name-$1", "[name]-<1>"],
  ["${größe}", "[größe]"],
  ["$$1", "$1"],
  ["$", "$"],
  ["$-", "$-"],
  ["${", "${"],
  ["${a-b}", "${a-b}"],
  ["$0", "<0>"],
  ["$01", "[01]"],
  ["$123456789", "[123456789]"],
  ["{{a}}", "{{a}}"],
])("%s becomes %s", (text, expected) => {
  expect(expand(text)).toBe(expected);
});

test("labels are referred to where that is asked for", () => {
  expect(expand("x{{job}}-$1{{a.b}}", true)).toBe("x{job}-<1>{a.b}");
  expect(expand("{{open", true)).toBe("{{open");
});

test("it knows whether it asks for groups, and whether it is constant", () => {
  expect(new Template("a{{b}}", true)).toMatchObject({ groupless: true, constant: undefined });
  expect(new Template("a$1", true)).toMatchObject({ groupless: false, constant: undefined });
  expect(new Template("a$$", true)).toMatchObject({ groupless: true, constant: "a$" });
  expect(new Template("", false).constant).toBe("");
});

test("without groups they are empty", () => {
  expect(new Template("a$1$b", false).expand(undefined, () => "")).toBe("a");
});

test("references are at odd places", () => {
  expect(splitReferences("a{{b}}c{{d}}")).toEqual(["a", "b", "c", "d", ""]);
  expect(splitReferences("a}}b")).toEqual(["a}}b"]);
});
