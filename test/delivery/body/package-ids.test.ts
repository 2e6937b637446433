import { expect, test } from "vitest";
import { PackageIds } from "../../../src/delivery/body/package-ids.ts";
import { ManualClock } from "../manual-clock.ts";

test("an id is dk_ and 20 characters of base 32, never the same twice, sorted by time", async () => {
  const clock = new ManualClock();
  const ids = new PackageIds(clock);
  const many = Array.from({ length: 1000 }, () => ids.next());
  expect(new Set(many).size).toBe(1000);
  expect(many.every((id) => /^dk_[0-9a-v]{20}$/.test(id))).toBe(true);
  await clock.advance(1000);
  expect(ids.next() > many[999]!).toBe(true);
});
