import { expect, test } from "vitest";
import { TagSlots } from "../../../src/points/tags/tag-slots.ts";
import type { LabelName } from "../../../src/rules/label-table.ts";

/** Names `a`, `b`, `c` with the rank of their letter. */
const NAMES = new Map(
  [..."abcd"].map((name, rank) => [name, { name, rank } as unknown as LabelName]),
);

function name(text: string): LabelName {
  return NAMES.get(text) as LabelName;
}

/** Tags named by these letters, the value of each its place. */
function slotsOf(letters: string): TagSlots {
  const slots = new TagSlots(8);
  [...letters].forEach((letter, place) => {
    slots.add(
      name(letter),
      Buffer.from([place]),
      place,
      place + 1,
      place % 2 === 0 ? 0 : 1,
      place - 1,
    );
  });
  return slots;
}

/** All that is known of each slot. */
function shown(slots: TagSlots): string[] {
  return Array.from({ length: slots.count }, (_, slot) => {
    const { names, values, starts, ends, encoded, labels } = slots;
    const value = [...(values[slot] ?? [])].join();
    return `${names[slot]?.name} ${value} ${starts[slot]}-${ends[slot]} ${encoded[slot]} ${labels[slot]}`;
  });
}

test("a tag is found by its name", () => {
  const slots = slotsOf("abc");
  expect(["a", "c", "d"].map((letter) => slots.find(name(letter)))).toEqual([0, 2, -1]);
});

test("a tag that is removed leaves the others in order, with all that is theirs", () => {
  const slots = slotsOf("abcd");
  const before = shown(slots);
  slots.remove(1);
  expect(shown(slots)).toEqual([before[0], before[2], before[3]]);
  expect(slots.find(name("b"))).toBe(-1);
  slots.remove(2);
  expect(shown(slots)).toEqual([before[0], before[2]]);
});

test.each(["abcd", "dcba", "bdac", "a", ""])("%j is put in the order of its names", (letters) => {
  const slots = slotsOf(letters);
  slots.sort();
  const sorted = [...slots.order.subarray(0, slots.count)].map((slot) => slots.names[slot]?.name);
  expect(sorted.join("")).toBe([...letters].toSorted().join(""));
});
