/** One sample of a page as client libraries write it: no timestamp, no exemplar. */
export interface MetricSample {
  readonly name: string;
  /** Values unescaped. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads a well-formed page of the text format, such as the agent's own `/metrics` or that of a Go program. It shares nothing
 * with `src/` and throws at anything unusual.
 */
export function readMetrics(text: string): readonly MetricSample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (parts === null) {
        throw new Error(`no sample: ${line}`);
      }
      const [, name = "", labels = "", value = ""] = parts;
      return { name, labels: readLabels(labels), value: readValue(value) };
    });
}

/** The sum of all samples of `name` whose labels include `labels`. */
export function metricSum(
  samples: readonly MetricSample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, sample) => sum + sample.value, 0);
}

function readLabels(text: string): Readonly<Record<string, string>> {
  const pair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:, ?|$)/y;
  const labels: Record<string, string> = {};
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (found === null) {
      throw new Error(`no labels: ${text}`);
    }
    const [, key = "", value = ""] = found;
    labels[key] = value.replace(/\\([\\"n])/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}

function readValue(text: string): number {
  const infinities: Record<string, number> = { "+Inf": Infinity, "-Inf": -Infinity, Inf: Infinity };
  const value = infinities[text] ?? Number(text);
  if (Number.isNaN(value) && text !== "NaN") {
    throw new Error(`no value: ${text}`);
  }
  return value;
}
