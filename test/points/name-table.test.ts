import { expect, test } from "vitest";
import { FamilyTable } from "../../src/exposition/family-table.ts";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { NameTable } from "../../src/points/name-table.ts";
import { LineRoom } from "../../src/points/tags/line-room.ts";
import { TagAssembler } from "../../src/points/tags/tag-assembler.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { rulesConfig } from "../support/rules-config.ts";

/** Whether the names are to be forgotten after each of these pages. */
function forgotten(...pages: readonly (readonly string[])[]): boolean[] {
  const { program } = compileRules(rulesConfig());
  const room = new LineRoom(8);
  const table = new NameTable(program, new TagAssembler(program, room));
  return pages.map((names) => {
    table.begin();
    for (const name of names) {
      const bytes = Buffer.from(`${name} 1`);
      parseSampleLine(bytes, 0, bytes.length, "text", room.sample);
      table.resolve(room.sample, bytes, new FamilyTable(10));
    }
    const forgets = table.end();
    if (forgets) {
      table.reset();
    }
    return forgets;
  });
}

const MANY = Array.from({ length: 17 }, (_, index) => `n_${index}`);

test("names are forgotten after the first page that has some, and kept where they are asked for again", () => {
  expect(forgotten([], MANY, MANY, MANY, MANY)).toEqual([false, true, false, false, false]);
});

test("names are forgotten after a page that asked for next to none of them", () => {
  expect(forgotten(["a"], MANY, [])).toEqual([true, false, true]);
  expect(forgotten(["a"], MANY, ["n_1", "n_1", "n_2"])).toEqual([true, false, true]);
  expect(forgotten(["a"], MANY, ["n_1", "n_2", "n_3"])).toEqual([true, false, false]);
});

test("what few names come back stay", () => {
  expect(forgotten(MANY, ["n_1"], ["n_1"], [], [])).toEqual([true, false, false, true, false]);
});
