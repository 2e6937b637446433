import { expect, test } from "vitest";
import { FamilyTable } from "../../src/exposition/family-table.ts";
import { parseSampleLine } from "../../src/exposition/sample-line.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { LineRoom } from "../../src/scrape/line-room.ts";
import { NameTable } from "../../src/scrape/name-table.ts";
import { TagAssembler } from "../../src/scrape/tag-assembler.ts";
import { rulesConfig } from "../rules/rules-config.ts";

/** Whether the table finds itself hardly asked after a page with these names, on top of one with `known`. */
function hardlyAsked(known: readonly string[], page: readonly string[]): boolean {
  const { program } = compileRules(rulesConfig());
  const room = new LineRoom(8);
  const table = new NameTable(program, new TagAssembler(program, room));
  for (const names of [known, page]) {
    table.begin();
    for (const name of names) {
      const bytes = Buffer.from(`${name} 1`);
      parseSampleLine(bytes, 0, bytes.length, "text", room.sample);
      table.resolve(room.sample, bytes, new FamilyTable(10));
    }
  }
  return table.hardlyAsked;
}

const SIXTEEN = Array.from({ length: 16 }, (_, index) => `n_${index}`);

test("a table of which a page asks next to nothing is hardly asked", () => {
  expect(hardlyAsked(SIXTEEN, [])).toBe(true);
  expect(hardlyAsked(SIXTEEN, ["n_1", "n_1"])).toBe(true);
  expect(hardlyAsked(SIXTEEN, ["n_1", "n_2"])).toBe(false);
  expect(hardlyAsked(SIXTEEN, SIXTEEN)).toBe(false);
  expect(hardlyAsked([], [])).toBe(false);
});
