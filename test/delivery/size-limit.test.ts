import { expect, test } from "vitest";
import { SizeLimit } from "../../src/delivery/size-limit.ts";
import { ManualClock } from "./manual-clock.ts";

test("a refused size is halved, what passes is remembered, and both are forgotten after an hour", async () => {
  const clock = new ManualClock();
  const limit = new SizeLimit(1000, clock);
  limit.passed(900);
  expect(limit.bytes).toBe(1000);
  limit.refused(800);
  expect(limit.bytes).toBe(400);
  limit.passed(390);
  expect(limit.bytes).toBe(400);
  limit.passed(700);
  expect(limit.bytes).toBe(700);
  limit.refused(600);
  expect(limit.bytes).toBe(300);
  await clock.advance(3_600_001);
  expect(limit.bytes).toBe(1000);
});
