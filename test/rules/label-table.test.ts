import { expect, test } from "vitest";
import { LabelTable } from "../../src/rules/label-table.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { rulesConfig } from "../support/rules-config.ts";

const encode = (name: string): Uint8Array => new TextEncoder().encode(name);

function table(changes = {}): LabelTable {
  return new LabelTable(compileRules(rulesConfig(changes)).program, encode);
}

test("one name is one object, wherever its bytes stand", () => {
  const labels = table();
  const bytes = encode("xxcodexx");
  expect(labels.of(bytes, 2, 6)).toBe(labels.ofText("code"));
  expect(labels.of(bytes, 1, 6)).not.toBe(labels.ofText("code"));
});

test("a name carries what the rules say of it", () => {
  const labels = table({
    tagsIgnore: ["pod"],
    tagsRename: { overwriteExistTags: false, mapping: { code: "status" } },
    ignoreTagKvMatch: { le: ["0.*"] },
  });
  expect(labels.ofText("pod").ignored).toBe(true);
  expect(labels.ofText("code")).toMatchObject({ ignored: false, renamed: true });
  expect(labels.ofText("le").valuePatterns?.test("10")).toBe(true);
});

test("ranks follow the order of bytes, not of UTF-16", () => {
  const labels = table();
  const names = ["ab", "a", "b", "\u{1F600}", "\uFF5E", "B"].map((name) => labels.ofText(name));
  const ranked = names.toSorted((left, right) => left.rank - right.rank);
  expect(ranked.map(({ name }) => name)).toEqual(["B", "a", "ab", "b", "\uFF5E", "\u{1F600}"]);
});

test("names that always fall between the same two stay in order", () => {
  const labels = table();
  const names = [labels.ofText("a"), labels.ofText("b")];
  for (let at = 200; at > 0; at--) {
    names.splice(1, 0, labels.ofText(`a${"a".repeat(at)}`));
  }
  const ranks = names.map(({ rank }) => rank);
  expect(ranks.every((rank, at) => at === 0 || rank > (ranks[at - 1] as number))).toBe(true);
});

test("many names stay apart, and without end they make the table full until it is cleared", () => {
  const labels = table();
  const first = labels.ofText("n0");
  for (let at = 1; !labels.full; at++) {
    expect(labels.ofText(`n${at}`).name).toBe(`n${at}`);
  }
  expect(labels.ofText("n0")).toBe(first);
  labels.clear();
  expect(labels.full).toBe(false);
  expect(labels.ofText("n0")).not.toBe(first);
});
