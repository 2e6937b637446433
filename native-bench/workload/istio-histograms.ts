import type { Family, PageBuilder } from "./page-builder.ts";
import type { Random } from "./random.ts";

/** Bounds of Istio's request histograms, 20 with the last. */
const BOUNDS = (
  "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1.8e+06 3.6e+06 " +
  "+Inf"
).split(" ");
/** The buckets below stay empty: few requests are that fast or that small. */
const FIRST_RISING = 4;
const MAX_FIRST_REQUESTS = 200_000;
/** The label set has not been used yet. */
const UNUSED_SHARE = 0.15;

const REQUESTS: Family = { name: "istio_requests_total", type: "counter" };

const REQUEST_HISTOGRAMS: readonly Family[] = [
  { name: "istio_request_duration_milliseconds", type: "histogram" },
  { name: "istio_request_bytes", type: "histogram" },
  { name: "istio_response_bytes", type: "histogram" },
];

/** Lines that one label set makes: a counter, and three histograms of 20 buckets, a sum and a count. */
export const LINES_PER_LABEL_SET = 1 + REQUEST_HISTOGRAMS.length * (BOUNDS.length + 2);

export interface LabelSet {
  /** `a="b",c="d"`. */
  readonly labels: string;
  /** Stands in a label behind a hyphen. */
  readonly token: string;
}

/** The telemetry of `sets`, family by family as Envoy prints it. */
export function writeTelemetry(page: PageBuilder, sets: readonly LabelSet[], random: Random): void {
  page.family(REQUESTS);
  for (const set of sets) {
    page.group(set.token);
    page.sample("", set.labels, "counter", firstRequests(random));
  }
  for (const family of REQUEST_HISTOGRAMS) {
    page.family(family);
    for (const set of sets) {
      page.group(set.token);
      writeHistogram(page, set.labels, firstRequests(random));
    }
  }
}

/** A histogram of the current family: counts that do not fall from bound to bound, the last equal to the count. */
export function writeHistogram(page: PageBuilder, labels: string, observations: number): void {
  const steps = BOUNDS.length - 1 - FIRST_RISING;
  const prefix = labels === "" ? "" : `${labels},`;
  for (const [ordinal, bound] of BOUNDS.entries()) {
    const share = Math.max(0, ordinal - FIRST_RISING) / steps;
    const below = Math.floor(observations * share);
    page.sample("_bucket", `${prefix}le="${bound}"`, "bucket", below, ordinal);
  }
  page.sample("_sum", labels, "sum", observations * 37.5);
  page.sample("_count", labels, "count", observations);
}

function firstRequests(random: Random): number {
  return random.chance(UNUSED_SHARE) ? 0 : Math.floor(MAX_FIRST_REQUESTS * random.next() ** 3);
}
