import { expect, test } from "vitest";
import { type DestinationSummary, summaryLine } from "../../../src/telemetry/log/summary-line.ts";

const summary = (changes: Partial<DestinationSummary> = {}): DestinationSummary => ({
  name: "data/out.lp",
  points: 480,
  samples: 512,
  bytes: 43_110,
  lostPoints: 0,
  queuedPoints: 0,
  ...changes,
});
const UP = { up: 1, down: 0, unknown: 0 };

test.each([
  [
    "all is well",
    summaryLine(UP, [summary()]),
    "targets 1 up, 0 down | 512 samples, 480 points, 42.1 KiB -> data/out.lp\n",
  ],
  [
    "losses and waiting",
    summaryLine(UP, [summary({ lostPoints: 1234, queuedPoints: 5 })]),
    "targets 1 up, 0 down | 512 samples, 480 points, 42.1 KiB -> data/out.lp (1,234 points lost, 5 points waiting)\n",
  ],
  [
    "two destinations and large numbers",
    summaryLine({ up: 10, down: 2, unknown: 3 }, [
      summary({ samples: 1_234_567, bytes: 3 * 1024 ** 3 }),
      summary({ name: "dataway", samples: 0, points: 0, bytes: 999 }),
    ]),
    "targets 10 up, 2 down, 3 not scraped yet | 1,234,567 samples, 480 points, 3.0 GiB -> data/out.lp | 0 samples, 0 points, 999 B -> dataway\n",
  ],
  ["nowhere to go", summaryLine(UP, []), "targets 1 up, 0 down\n"],
  ["MiB", summaryLine(UP, [summary({ bytes: 1024 ** 2 })]).includes("1.0 MiB"), true],
])("%s", (_name, line, expected) => {
  expect(line).toBe(expected);
});
