import { expect, test } from "vitest";
import { Circuit } from "../../src/delivery/circuit.ts";
import { ManualClock } from "./manual-clock.ts";

test("requests that fail together are one failure", () => {
  const circuit = new Circuit(new ManualClock(), () => 0.999);
  const { round } = circuit;
  for (let request = 0; request < 4; request += 1) {
    circuit.failed(round, "normal", undefined);
  }
  expect(circuit.failures).toBe(1);
  expect(circuit.waitMs).toBeLessThanOrEqual(1000);
});

test("an answer to an older request does not end the failing, one to a probe does", () => {
  const circuit = new Circuit(new ManualClock(), () => 0.5);
  const old = circuit.round;
  circuit.failed(old, "normal", undefined);
  expect(circuit.answered(old)).toBe(false);
  expect(circuit.waitMs).toBe(500);
  expect(circuit.answered(circuit.round)).toBe(true);
  expect([circuit.failures, circuit.waitMs]).toEqual([0, 0]);
});
