import { pageSeries } from "../../points/page-series.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { parseLabelsText } from "../../rules/relabel/labels-text.ts";

export type GivenSeries =
  | { readonly kind: "series"; readonly series: readonly (readonly Label[])[] }
  | { readonly kind: "wrong"; readonly message: string };

/** One series as `name{label="value",…}`. */
export function parseSeries(text: string): GivenSeries {
  const parsed = parseLabelsText(text);
  return parsed.kind === "labels"
    ? { kind: "series", series: [parsed.labels] }
    : { kind: "wrong", message: `--labels ${parsed.message}` };
}

/** The series of a captured page; OpenMetrics is known by the `# EOF` at its end, as there is no Content-Type. */
export function readPageSeries(page: Uint8Array): GivenSeries {
  const tail = new TextDecoder().decode(page.subarray(-64)).trimEnd();
  const series = pageSeries(page, tail.endsWith("# EOF") ? "openmetrics" : "text");
  return series.length > 0
    ? { kind: "series", series }
    : { kind: "wrong", message: "the page has no sample" };
}
