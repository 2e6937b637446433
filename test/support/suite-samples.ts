import type { SuiteCase } from "./corpus.ts";
import type { ReadSample } from "./read-page.ts";

// The suites state what a page holds in four shapes. Each becomes samples of one shape here, written as text so that two
// sets can be compared: name, sorted labels, value, milliseconds.

export interface ExpectedSample {
  readonly name: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: string;
  /** Undefined: none stated. */
  readonly timestampMs?: number | undefined;
}

interface PythonSample extends Omit<ExpectedSample, "timestampMs"> {
  readonly timestamp?: { sec?: number | string; nsec?: number; seconds?: string };
  readonly native_histogram?: unknown;
}

interface ExpfmtMetric {
  readonly labels: [string, string][];
  readonly value?: string;
  readonly ts_ms?: number | string;
  readonly summary?: { count: string | null; sum: string | null; quantiles: [string, string][] };
  readonly histogram?: { count: string | null; sum: string | null; buckets: [string, string][] };
}

interface Family<T> {
  readonly name: string;
  readonly type: string;
  readonly samples?: T[];
  readonly metrics?: T[];
}

/** What the case states, undefined where it states nothing about samples. */
export function expectedSamples(one: SuiteCase): ExpectedSample[] | undefined {
  if (Array.isArray(one.expected_samples)) {
    return one.expected_samples.map((sample) => ({
      name: sample.metric,
      labels: sample.labels,
      value: sample.value,
      timestampMs: sample.ts_ms,
    }));
  }
  if (Array.isArray(one.expected_entries)) {
    return one.expected_entries.filter((entry) => "value" in entry).map(fromEntry);
  }
  const families =
    one.expected_families ?? (one.suite === "expfmt_text_create" ? one.families : undefined);
  if (!Array.isArray(families)) {
    return undefined;
  }
  return families.flatMap((family: Family<unknown>) =>
    family.samples === undefined
      ? (family.metrics as ExpfmtMetric[]).flatMap((metric) => fromExpfmt(family.name, metric))
      : (family.samples as PythonSample[])
          .filter((sample) => sample.native_histogram === undefined)
          .map(fromPython),
  );
}

/** The type the case states for each of its sample names, in our words. */
export function expectedTypes(one: SuiteCase): Map<string, string> {
  const families = one.expected_families;
  const types = new Map<string, string>();
  for (const family of Array.isArray(families) ? (families as Family<PythonSample>[]) : []) {
    for (const sample of family.samples ?? []) {
      types.set(sample.name, OUR_TYPES[family.type] ?? family.type);
    }
  }
  return types;
}

const OUR_TYPES: Readonly<Record<string, string>> = {
  unknown: "untyped",
  stateset: "gauge",
  gaugehistogram: "histogram",
};

/** A sample as text. `withTime`: some suites merge timestamps of a family or read them in another unit. */
export function sampleText(sample: ExpectedSample | ReadSample, withTime: boolean): string {
  const labels = sample.labels
    .map(([name, value]) => [name, isLimit(name) ? floatText(value) : value])
    .toSorted();
  const time = withTime ? (sample.timestampMs ?? null) : null;
  // client_python calls every counter `_total`.
  const name = sample.name.replace(/_total$/, "");
  return JSON.stringify([name, labels, floatText(String(sample.value)), time]);
}

function fromEntry(entry: {
  labels: [string, string][];
  value: string;
  ts_ms?: number;
}): ExpectedSample {
  return {
    name: entry.labels.find(([name]) => name === "__name__")?.[1] ?? "",
    labels: entry.labels.filter(([name]) => name !== "__name__"),
    value: entry.value,
    timestampMs: entry.ts_ms,
  };
}

function fromPython(sample: PythonSample): ExpectedSample {
  const { name, labels, value, timestamp } = sample;
  if (timestamp === undefined) {
    return { name, labels, value };
  }
  const ms =
    timestamp.seconds === undefined
      ? Number(`${timestamp.sec}.${String(timestamp.nsec ?? 0).padStart(9, "0")}`) * 1000
      : Number(timestamp.seconds) * 1000;
  return { name, labels, value, timestampMs: Math.trunc(ms) };
}

function fromExpfmt(name: string, metric: ExpfmtMetric): ExpectedSample[] {
  const { labels, summary, histogram, value } = metric;
  if (value !== undefined) {
    const time = metric.ts_ms === undefined ? undefined : Number(metric.ts_ms);
    return [{ name, labels, value, timestampMs: time }];
  }
  const counts = summary ?? histogram;
  return [
    ...(counts?.count ? [{ name: `${name}_count`, labels, value: counts.count }] : []),
    ...(counts?.sum ? [{ name: `${name}_sum`, labels, value: counts.sum }] : []),
    ...(summary?.quantiles ?? []).map(([limit, count]) => ({
      name,
      labels: [...labels, ["quantile", limit] as const],
      value: count,
    })),
    ...(histogram?.buckets ?? []).map(([limit, count]) => ({
      name: `${name}_bucket`,
      labels: [...labels, ["le", limit] as const],
      value: count,
    })),
  ];
}

function isLimit(label: string): boolean {
  return label === "le" || label === "quantile";
}

function floatText(text: string): string {
  const number = Number(text.replace(/inf(inity)?$/i, "Infinity"));
  return Number.isNaN(number) ? text.toLowerCase() : String(number);
}
