import fc from "fast-check";
import { expect, test } from "vitest";
import { homeOf } from "../../src/lanes/lane-home.ts";

test("with a lane more, targets move to that lane only", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 100 }), (key, lanes) => {
      const before = homeOf(key, lanes);
      expect([before, lanes]).toContain(homeOf(key, lanes + 1));
      expect(before).toBeLessThan(lanes);
    }),
  );
});

test.each([2, 3, 8, 16])("targets are spread evenly over %d lanes", (lanes) => {
  const counts = new Array<number>(lanes).fill(0);
  const keys = 1000 * lanes;
  for (let i = 0; i < keys; i++) {
    const home = homeOf(`http://10.244.1.${i % 250}:${8000 + i}/metrics`, lanes);
    counts[home] = (counts[home] ?? 0) + 1;
  }
  for (const count of counts) {
    expect(count).toBeGreaterThan(850);
    expect(count).toBeLessThan(1150);
  }
});
