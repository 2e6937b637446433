import { expect, test } from "vitest";
import { HeldLine } from "../../src/recall/held-line.ts";

test.each([1, 512, 513, 5000])("a line of %i bytes is held until it is taken", (length) => {
  const held = new HeldLine();
  held.hold(new Uint8Array(length).fill(7));
  expect(held.length).toBe(length);
  expect([...new Set(held.take())]).toEqual([7]);
  expect(held.length).toBe(0);
  expect(held.take()).toHaveLength(0);
});

test("a shorter line leaves nothing of a longer one", () => {
  const held = new HeldLine();
  held.hold(Buffer.from("longer"));
  held.hold(Buffer.from("ab"));
  expect(Buffer.from(held.take()).toString()).toBe("ab");
});

test("a new page begins without a line", () => {
  const held = new HeldLine();
  held.hold(Buffer.from("ab"));
  held.splitting = true;
  held.begin();
  expect([held.length, held.splitting]).toEqual([0, false]);
});
