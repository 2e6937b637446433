import fc from "fast-check";
import { expect, test } from "vitest";
import { Credit } from "../../src/lanes/credit.ts";

test("asks nobody to pause while the limit is not reached", () => {
  const credit = new Credit(100);
  expect(credit.take(60)).toBeUndefined();
  expect(credit.take(39)).toBeUndefined();
});

test("lets the pausing go on when enough has come back", async () => {
  const credit = new Credit(100);
  const seen: string[] = [];
  const first = credit.take(150)?.then(() => seen.push("first"));
  const second = credit.take(50)?.then(() => seen.push("second"));
  credit.give(50);
  await Promise.resolve();
  expect(seen).toEqual([]);
  credit.give(150);
  await Promise.all([first, second]);
  expect(seen).toEqual(["first", "second"]);
});

test("nobody is left waiting once everything has come back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 30 }),
      async (limit, takes) => {
        const credit = new Credit(limit);
        const pauses = takes.map((bytes) => credit.take(bytes));
        for (const bytes of takes) credit.give(bytes);
        await Promise.all(pauses);
      },
    ),
  );
});
