import fc from "fast-check";
import { expect, test } from "vitest";
import { latestTick, openingOf, phaseOf, tickAfter } from "../../../src/agent/schedule/phase.ts";

const NOW = 1_700_000_000_000;

test("a phase is the same after a restart", () => {
  expect(phaseOf("http://10.0.0.1:9100/metrics#1a2b", 10_000)).toBe(6500);
});

test.for([
  [60_000, 500],
  [10_000, 500],
  [9999, 250],
  [5000, 250],
  [1000, 50],
  [200, 10],
  [199, 1],
] as const)("with an interval of %i ms scrapes begin in slots of %i ms", ([interval, slot]) => {
  const taken = new Set<number>();
  for (let i = 0; i < 50_000; i++) taken.add(phaseOf(`key ${i}`, interval));
  expect([...taken].filter((phase) => phase % slot !== 0)).toEqual([]);
  expect(taken.size).toBe(Math.ceil(interval / slot));
});

test("slots are filled evenly", () => {
  const slots = new Map<number, number>();
  for (let i = 0; i < 20_000; i++) {
    const phase = phaseOf(`http://10.1.${i >> 8}.${i & 255}:8080/metrics`, 10_000);
    slots.set(phase, (slots.get(phase) ?? 0) + 1);
  }
  for (const targets of slots.values()) expect(Math.abs(targets - 1000)).toBeLessThan(150);
});

test.for([
  [1000, 250, 1250],
  [1249, 250, 1250],
  [1250, 250, 2250],
] as const)("the tick after %i, phase %i, interval 1000, is at %i", ([after, phase, next]) => {
  expect(tickAfter(after, phase, 1000)).toBe(next);
});

test("ticks surround any time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 42 }),
      fc.integer({ min: 1, max: 300_000 }),
      fc.string(),
      (now, interval, key) => {
        const phase = phaseOf(key, interval);
        const latest = latestTick(now, phase, interval);
        const next = tickAfter(now, phase, interval);
        expect(latest).toBeLessThanOrEqual(now);
        expect(next).toBeGreaterThan(now);
        expect(next - latest).toBe(interval);
        expect((next - phase) % interval).toBe(0);
      },
    ),
  );
});

test("a new target opens within three seconds, and at least a second before its first tick", () => {
  for (let i = 0; i < 1000; i++) {
    const interval = 1000 + i * 60;
    const phase = phaseOf(`key ${i}`, interval);
    const opening = openingOf(`key ${i}`, NOW, phase, interval);
    expect(opening.atMs - NOW).toBeLessThanOrEqual(3000);
    const tick = tickAfter(NOW, phase, interval);
    if (opening.onGrid) expect(opening.atMs).toBe(tick);
    else expect(tick - opening.atMs).toBeGreaterThan(1000);
  }
});

test("a thousand new targets open evenly", () => {
  const opened = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) {
    const key = `http://10.1.${i >> 8}.${i & 255}:8080/metrics`;
    const { atMs } = openingOf(key, NOW, phaseOf(key, 30_000), 30_000);
    const half = Math.min(5, Math.floor((atMs - NOW) / 500));
    opened[half] = (opened[half] ?? 0) + 1;
  }
  expect(Math.max(...opened)).toBeLessThan(320);
});
