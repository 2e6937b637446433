import fc from "fast-check";
import { NO_SERIES_LIMITS } from "../../src/rules/relabel/series-config.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { seriesConfig } from "./series-config.ts";

const NAMES = [
  "a_h_bucket",
  "a_h_sum",
  "a_h_count",
  "a_h",
  "a_s",
  "a_s_sum",
  "a_s_count",
  "a_s_created",
  "t_info",
  "t",
  "b",
  "b_total",
  "b_status",
  "status",
  "up",
  "_",
];
const TYPES = ["histogram", "summary", "gauge", "counter", "info", "untyped", "bogus"];
const VALUES = [
  ...["1", "2", "-3", "0.5", "123456789012345678901", "1.5e+06", "12345678.123456789", "1e5"],
  ...[
    "NaN",
    "+Inf",
    "-Inf",
    "+5",
    ".5",
    "1.",
    "0x1",
    "",
    "1e300",
    "1e-7",
    "nan",
    "1234567890123456",
  ],
];
const TIMES = [
  ...["", "", "", "", " 1699999990123", " 0", " -5", " 007", " 1.5", " 9999999999999", " x"],
  // Two hours before and after the first scrape, and a millisecond more.
  ...[" 1699992800000", " 1699992799999", " 1700007200000", " 1700007200001"],
];
const ENDS = ["", "", "", "", "\r", " ", ' # {trace="1"} 1'];
const LABELS = ["le", "quantile", "x", "y", "pod", "ignored", "status", "b"];

const labelValue = fc.oneof(
  fc.constantFrom("1", "0.50", "1.0", "+Inf", "a", "b", "c"),
  fc.string({ unit: fc.constantFrom("é", "a", " ", ",", "=", "{", "}", "#"), maxLength: 6 }),
  fc.constantFrom("\\n", '\\"', "\\\\", "v".repeat(200), "w".repeat(40)),
);

const sample = fc
  .record({
    lead: fc.constantFrom("", "", "", "", " "),
    name: fc.constantFrom(...NAMES),
    labels: fc.uniqueArray(fc.tuple(fc.constantFrom(...LABELS), labelValue), {
      maxLength: 4,
      selector: ([name]) => name,
    }),
    gap: fc.constantFrom(" ", " ", " ", "  ", "\t", ""),
    value: fc.constantFrom(...VALUES),
    time: fc.constantFrom(...TIMES),
    end: fc.constantFrom(...ENDS),
  })
  .map(({ lead, name, labels, gap, value, time, end }) => {
    const braces =
      labels.length === 0 ? "" : `{${labels.map(([key, text]) => `${key}="${text}"`).join(",")}}`;
    return `${lead}${name}${braces}${gap}${value}${time}${end}`;
  });

/** Series as exporters write them, so that most lines make points and pairs are common. */
const plainSeries = fc
  .tuple(
    fc.constantFrom("a_h", "a_s", "a_g"),
    fc.constantFrom("one", "two", "three and more"),
    fc.oneof(fc.nat(99).map(String), fc.constantFrom("NaN", "+Inf", "1e3")),
  )
  .map(([family, x, value]) => [
    `${family}_bucket{x="${x}",le="1.0"} ${value}`,
    `${family}_sum{x="${x}"} ${value}`,
    `${family}_count{x="${x}"} ${value}`,
  ]);

/** Halves that are nearly the same series, or are and do not look like it, in whatever order. */
const halves = fc.array(
  fc.constantFrom(
    'a_h_sum{x="one",y="1"} 1',
    'a_h_sum{y="1",x="one"} 2',
    'a_h_count{x="one",y="1"} 3',
    'a_h_count{y="1",x="one"} 4',
    'a_h_count{y="2",x="one"} 5',
    "a_h_sum 6",
    "a_h_count 7",
    "up NaN",
    "up 1",
  ),
  { minLength: 1, maxLength: 8 },
);

const comment = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("a_h", "a_s", "a_g", "t", "t_info", "b", "a_h_sum"),
      fc.constantFrom(...TYPES),
    )
    .map(([family, type]) => `# TYPE ${family} ${type}`),
  fc.constantFrom("# HELP a_h text", "# note", "#", "# EOF", " # TYPE b gauge", "# TYPE b"),
);

export const pageLines = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: plainSeries },
      { weight: 1, arbitrary: halves.map((lines) => ["# TYPE a_h histogram", ...lines]) },
      { weight: 6, arbitrary: sample.map((line) => [line]) },
      { weight: 3, arbitrary: comment.map((line) => [line]) },
      { weight: 1, arbitrary: fc.constantFrom([""], ["oops {"], ["\r"], [" "]) },
    ),
    { maxLength: 30 },
  )
  .map((groups) => groups.flat());

/** What a target does to its page from one scrape to the next. */
export type Mutation =
  | { readonly kind: "values"; readonly by: number }
  | { readonly kind: "insert"; readonly at: number; readonly lines: readonly string[] }
  | { readonly kind: "delete"; readonly at: number; readonly count: number }
  | { readonly kind: "move"; readonly at: number; readonly to: number; readonly count: number }
  | { readonly kind: "repeat"; readonly at: number; readonly to: number }
  | { readonly kind: "replace"; readonly from: string; readonly to: string }
  | { readonly kind: "corrupt"; readonly at: number; readonly byte: string };

const place = fc.nat(60);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("values" as const), by: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, lines: pageLines }),
  fc.record({ kind: fc.constant("delete" as const), at: place, count: fc.nat(5) }),
  fc.record({ kind: fc.constant("move" as const), at: place, to: place, count: fc.nat(5) }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, to: place }),
  fc
    .constantFrom(
      [" histogram", " gauge"],
      [" gauge", " summary"],
      ["a_h", "a_s"],
      ['x="one"', 'x="uno"'],
      ["a_s_sum", "b"],
      ["info", "gauge"],
      ["NaN", "1"],
      [" 1", " NaN"],
    )
    .map(([from = "", to = ""]) => ({ kind: "replace" as const, from, to })),
  fc.record({
    kind: fc.constant("corrupt" as const),
    at: fc.nat(4000),
    byte: fc.constantFrom("{", '"', " ", "\n", "x", "0", "\\", "#"),
  }),
);

export interface Scrape {
  readonly mutations: readonly Mutation[];
  /** Bytes of each chunk, over and over. */
  readonly chunks: readonly number[];
  /** Bytes after which the page breaks off; absent: it comes whole. */
  readonly cutAt?: number;
  readonly openMetrics: boolean;
  /** Days since the first. */
  readonly day: number;
}

export const scrapes = fc.array(
  fc.record(
    {
      mutations: fc.array(mutation, { maxLength: 3 }),
      chunks: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
      cutAt: fc.nat(3000),
      openMetrics: fc.constantFrom(false, false, false, false, true),
      day: fc.constantFrom(0, 0, 0, 1, 2),
    },
    { requiredKeys: ["mutations", "chunks", "openMetrics", "day"] },
  ),
  { minLength: 2, maxLength: 7 },
);

const RELABEL_RULES: readonly Readonly<Record<string, unknown>>[] = [
  { source_labels: ["x"], regex: "one|b", action: "drop" },
  { source_labels: ["__name__"], regex: "a_.*|b.*|t_info", action: "keep" },
  {
    source_labels: ["__name__"],
    regex: "a_(h|s)(.*)",
    target_label: "__name__",
    replacement: "r_z$2",
  },
  {
    source_labels: ["__name__"],
    regex: "(.*)_sum",
    target_label: "__name__",
    replacement: "$1_total",
  },
  {
    source_labels: ["__name__"],
    regex: "(.*)_count",
    target_label: "__name__",
    replacement: "$1_sum",
  },
  { source_labels: ["x", "y"], target_label: "xy" },
  { source_labels: ["le"], regex: "(.+)", target_label: "bound" },
  { action: "labeldrop", regex: "le|pod" },
  { action: "labelmap", regex: "x", replacement: "pod" },
  { source_labels: ["x"], modulus: 3, target_label: "shard", action: "hashmod" },
  { source_labels: ["x"], target_label: "__name__", regex: "t.*", replacement: "" },
  { source_labels: ["pod"], action: "uppercase", target_label: "host" },
];

const seriesLimits = fc.record({
  samples: fc.constantFrom(0, 0, 1, 5, 20),
  labels: fc.constantFrom(0, 0, 3, 4),
  labelNameBytes: fc.constantFrom(0, 0, 8),
  labelValueBytes: fc.constantFrom(0, 0, 20),
  series: fc.constantFrom(0, 0, 1, 4, 12),
});

const series = fc
  .record({
    rules: fc.subarray([...RELABEL_RULES], { maxLength: 4 }),
    honorLabels: fc.boolean(),
    limits: fc.oneof(fc.constant(NO_SERIES_LIMITS), seriesLimits),
  })
  .map(({ rules, ...changes }) => seriesConfig(rules, changes));

export const ruleSets: fc.Arbitrary<Partial<RulesConfig>> = fc.record(
  {
    metricTypes: fc.subarray(["histogram", "summary", "gauge", "counter", "untyped"]),
    metricNameFilter: fc.constantFrom([], ["^a", "b"], ["_sum"]),
    metricNameFilterIgnore: fc.constantFrom([], ["count$"], ["up", "a_s"]),
    measurementName: fc.constantFrom("", "m"),
    measurements: fc.constantFrom(
      [],
      [{ prefix: "a_", name: "" }],
      [{ prefix: "up", name: "u" }],
      [{ prefix: "b_", name: "" }],
    ),
    honorTimestamps: fc.boolean(),
    correctTimes: fc.constant(true as const),
    disableInfoTag: fc.boolean(),
    tagsIgnore: fc.constantFrom([], ["ignored"], ["x"]),
    tagsRename: fc.record({
      overwriteExistTags: fc.boolean(),
      mapping: fc.constantFrom({}, { x: "y" }, { pod: "z", le: "upper" }),
    }),
    ignoreTagKvMatch: fc.constantFrom({}, { x: ["o"] }, { le: ["^1"] }),
    overridingTags: fc.constantFrom({}, { pod: "p" }),
    addedTags: fc.constantFrom([], [["host", "h"] as const], [["x", "h"] as const]),
    series,
    asLogging: fc.constantFrom({ service: "" }, { service: "pay" }),
  },
  { requiredKeys: [] },
);

/** The page's lines after the mutation. */
export function mutate(lines: readonly string[], change: Mutation): string[] {
  const all = [...lines];
  switch (change.kind) {
    case "values":
      return all.map((line) => line.replace(/\d+$/, (text) => String(Number(text) + change.by)));
    case "insert":
      all.splice(change.at, 0, ...change.lines.slice(0, 6));
      return all;
    case "delete":
      all.splice(change.at, change.count);
      return all;
    case "move":
      all.splice(change.to, 0, ...all.splice(change.at, change.count));
      return all;
    case "repeat":
      all.splice(change.to, 0, ...all.slice(change.at, change.at + 1));
      return all;
    case "replace":
      return all.map((line) => line.replaceAll(change.from, change.to));
    case "corrupt": {
      const text = all.join("\n");
      const at = text.length === 0 ? 0 : change.at % text.length;
      return `${text.slice(0, at)}${change.byte}${text.slice(at + 1)}`.split("\n");
    }
  }
}
