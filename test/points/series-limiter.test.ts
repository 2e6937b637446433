import { expect, test } from "vitest";
import { type LineCounts, noLines } from "../../src/points/line-counts.ts";
import { SeriesLimiter } from "../../src/points/series-limiter.ts";
import type { Label } from "../../src/rules/relabel/label-set.ts";
import { NO_SERIES_LIMITS, type SeriesLimits } from "../../src/rules/relabel/series-config.ts";
import { DAY } from "../../src/units.ts";

function limiter(limits: Partial<SeriesLimits>): SeriesLimiter {
  return new SeriesLimiter({ ...NO_SERIES_LIMITS, ...limits });
}

function counts(samples: number, lost: { filtered?: number; series?: number } = {}): LineCounts {
  const none = noLines();
  none.samples = samples;
  none.filtered.metric_types = lost.filtered ?? 0;
  none.dropped.series_limit = lost.series ?? 0;
  return none;
}

const AB: readonly Label[] = [
  ["__name__", "m"],
  ["a", "bé"],
];

test("without limits everything is within", () => {
  expect(limiter({}).judge(AB, counts(1_000_000))).toBe("within");
  expect(limiter({}).samplesLeft(counts(1))).toBe(Number.POSITIVE_INFINITY);
});

test.each<[Partial<SeriesLimits>, string]>([
  [{ labels: 2 }, "within"],
  [{ labels: 1 }, "label_limit"],
  [{ labelNameBytes: 8 }, "within"],
  [{ labelNameBytes: 7 }, "label_name_length_limit"],
  [{ labelValueBytes: 3 }, "within"],
  [{ labelValueBytes: 2 }, "label_value_length_limit"],
  [{ labelValueBytes: 1 }, "label_value_length_limit"],
])("%j: %s", (limits, verdict) => {
  expect(limiter(limits).judge(AB, counts(1))).toBe(verdict);
});

test("what was filtered or dropped does not count as a sample of the page", () => {
  const two = limiter({ samples: 2 });
  expect(two.judge(AB, counts(2))).toBe("within");
  expect(two.judge(AB, counts(3))).toBe("sample_limit");
  expect(two.judge(AB, counts(4, { filtered: 1, series: 1 }))).toBe("within");
  expect(two.samplesLeft(counts(3, { filtered: 2, series: 1 }))).toBe(2);
});

test("a series beyond the limit is dropped, known ones are kept whatever their order", () => {
  const one = limiter({ series: 1 });
  expect(one.judge(AB, counts(1))).toBe("within");
  expect(one.judge([["a", "c"]], counts(1))).toBe("drop");
  expect(one.judge(AB.toReversed(), counts(1))).toBe("within");
});

test("series are counted anew after a day", () => {
  const one = limiter({ series: 1 });
  one.begin(1000);
  expect(one.forgot).toBe(true);
  expect(one.judge(AB, counts(1))).toBe("within");
  one.begin(1000 + DAY - 1);
  expect(one.forgot).toBe(false);
  expect(one.judge([["a", "c"]], counts(1))).toBe("drop");
  one.begin(1000 + DAY);
  expect(one.forgot).toBe(true);
  expect(one.judge([["a", "c"]], counts(1))).toBe("within");
  one.begin(1001 + DAY);
  expect(one.forgot).toBe(false);
});
