import { Registry } from "prom-client";
import { expect, test } from "vitest";
import {
  type PreviousAmounts,
  PreviousMetrics,
} from "../../../src/telemetry/metrics/previous-metrics.ts";
import { samplesOf } from "./registry-samples.ts";

const LINES = { measure: "lines", destination: "", category: "", reason: "" } as const;
const AMOUNTS: PreviousAmounts = {
  lives: 4,
  cut: 1,
  uncountedMs: 2500,
  isKept: true,
  counts: [
    { ...LINES, fate: "read", count: 9 },
    { ...LINES, measure: "points", destination: "dw", category: "metric", fate: "sent", count: 7 },
  ],
};

function watching(amounts: PreviousAmounts | undefined): Promise<string[]> {
  const registry = new Registry();
  new PreviousMetrics([registry]).watch(() => amounts);
  return samplesOf(registry);
}

test("as long as the disk was not read nothing is said", async () => {
  expect(await watching(undefined)).toEqual([]);
});

test("counts are told under their labels, lines without a destination", async () => {
  expect(await watching(AMOUNTS)).toEqual([
    'promline_ledger_previous_lines{fate="read",reason=""} 9',
    'promline_ledger_previous_points{destination="dw",category="metric",fate="sent",reason=""} 7',
    "promline_ledger_previous_lives 4",
    "promline_ledger_previous_lives_cut 1",
    "promline_ledger_previous_uncounted_seconds 2.5",
    "promline_ledger_kept 1",
  ]);
});

test("a page does not add to the one before", async () => {
  const registry = new Registry();
  new PreviousMetrics([registry]).watch(() => AMOUNTS);
  const first = await samplesOf(registry);
  expect(await samplesOf(registry)).toEqual(first);
});
