import type { Dialect } from "../../src/exposition/dialect.ts";
import type { ReadPage, ReadSample } from "./read-page.ts";

/** A page on which another parser and ours disagree. */
export interface Disagreement {
  readonly text: string;
  readonly dialect: Dialect;
  readonly page: ReadPage;
}

/** Why we may disagree: a row of docs/compatibility.md, and what a page of that class looks like. */
export interface ReasonRule {
  readonly row: string;
  explains(disagreement: Disagreement): boolean;
}

const QUOTED = /"(?:\\.|[^"\\])*"/g;
const METADATA = /^[ \t]*#[ \t]+(HELP|TYPE|UNIT)(?=[ \t]|$)/;

/** They refuse the page, we read it without a fault. */
export const TAKEN: readonly ReasonRule[] = [
  {
    row: "Page end",
    explains: ({ text, dialect }) =>
      dialect === "openmetrics"
        ? !/(^|\n)# EOF\n?$/.test(text)
        : text !== "" && !text.endsWith("\n"),
  },
  {
    row: "Blanks and line ends",
    explains: ({ text, dialect }) =>
      linesOf(text)
        .map((line) => line.replace(QUOTED, '""'))
        .some(
          (line) =>
            /[ \t\r]$/.test(line) || (dialect === "openmetrics" && /^[ \t]|^$| {2}|\t/.test(line)),
        ),
  },
  {
    row: "Comments",
    explains: ({ text, dialect }) =>
      dialect === "openmetrics" &&
      linesOf(text).some(
        (line) => line.startsWith("#") && !/^# (HELP |TYPE |UNIT |EOF$)/.test(line),
      ),
  },
  { row: "Lone comma", explains: ({ text }) => /\{[ \t]*,[ \t]*\}/.test(text) },
  { row: "Metadata text", explains: ({ text }) => linesOf(text).some(hasLooseMetadata) },
  { row: "Metadata order", explains: ({ text }) => hasMetadataOutOfOrder(text) },
  {
    row: "Type words",
    explains: ({ text, dialect }) =>
      [...text.matchAll(/^[ \t]*#[ \t]+TYPE[ \t]+\S+[ \t]+(\S+)/gm)].some(
        ([, word = ""]) => !STRICT_WORDS[dialect].includes(word),
      ),
  },
  { row: "Meaning of types", explains: ({ text, page }) => breaksMeaning(text, page.samples) },
  {
    row: "Order of samples",
    explains: ({ page }) =>
      page.samples.some((sample, index) =>
        page.samples
          .slice(0, index)
          .some((other) => other.name === sample.name && isOutOfOrder(other, sample)),
      ),
  },
  {
    row: "Exemplars",
    explains: ({ text }) => sampleLines(text).some((line) => line.includes("#")),
  },
  {
    row: "Timestamps",
    explains: ({ text, dialect }) =>
      dialect === "text" &&
      sampleLines(text).some(
        (line) =>
          !/[ \t]\S+([ \t]+\d+)?[ \t]*$/.test(line) ||
          /[ \t]\S+[ \t]+\S*[^\d\s]\S*[ \t]*$/.test(line),
      ),
  },
  {
    row: "Numbers",
    explains: ({ text }) => sampleLines(text).some((line) => /[-+]nan/i.test(line)),
  },
  {
    row: "Escapes",
    explains: ({ text }) =>
      (text.match(QUOTED) ?? []).some((quoted) => /\\[^\\"n]/.test(quoted.replace(/\\\\/g, ""))),
  },
  {
    row: "Quoted names",
    explains: ({ text }) => linesOf(text).some((line) => /[{,][ \t]*"/.test(line)),
  },
  {
    row: "Missing comma",
    explains: ({ text, dialect }) =>
      dialect === "text" && sampleLines(text).some((line) => /""[ \t]*[a-zA-Z_"]/.test(line)),
  },
];

/** They take the page, we have faults on it. */
export const REFUSED: readonly ReasonRule[] = [
  {
    row: "Metadata fault",
    explains: ({ page }) => page.faults.every((fault) => fault.reason === "bad_metadata"),
  },
  {
    row: "Names",
    explains: ({ text, page }) =>
      page.faults.every(
        ({ line, reason }) =>
          (reason === "bad_name" && /^[^{]*[^\w:{ \t]/.test(linesOf(text)[line - 1] ?? "")) ||
          (reason === "bad_label" && hasForeignLabel(linesOf(text)[line - 1] ?? "")),
      ),
  },
  {
    row: "Labels of the name",
    explains: ({ text, page }) =>
      page.faults.every(
        ({ line, reason }) =>
          reason === "duplicate_label" || (linesOf(text)[line - 1] ?? "").includes("__name__"),
      ),
  },
  {
    row: "Numbers",
    explains: ({ page }) => page.faults.every((fault) => fault.reason === "bad_value"),
  },
  {
    row: "UTF-8",
    explains: ({ page }) => page.faults.every((fault) => fault.reason === "bad_utf8"),
  },
  {
    row: "Native histograms",
    explains: ({ text, page }) =>
      page.faults.every(({ line }) => (linesOf(text)[line - 1] ?? "").includes("{count:")),
  },
  {
    row: "Text behind EOF",
    explains: ({ page }) => page.faults.every((fault) => fault.reason === "after_eof"),
  },
];

/** The row that explains it, undefined where none does. */
export function reasonFor(
  rules: readonly ReasonRule[],
  disagreement: Disagreement,
): string | undefined {
  return rules.find((rule) => rule.explains(disagreement))?.row;
}

const STRICT_WORDS: Readonly<Record<Dialect, readonly string[]>> = {
  text: ["counter", "gauge", "histogram", "summary", "untyped"],
  openmetrics: [
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "summary",
    "info",
    "stateset",
    "unknown",
  ],
};

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** Lines that are no comment, their quoted texts emptied. */
function sampleLines(text: string): string[] {
  return linesOf(text)
    .filter((line) => !/^[ \t]*(#|$)/.test(line))
    .map((line) => line.replace(QUOTED, '""'));
}

function hasLooseMetadata(line: string): boolean {
  const keyword = METADATA.exec(line)?.[1];
  if (keyword === undefined) {
    return false;
  }
  const rest = line.replace(METADATA, "");
  const isBare = /^[ \t]*(\S+[ \t]*)?$/.test(rest);
  switch (keyword) {
    case "TYPE":
      return /^[ \t]*$/.test(rest);
    case "UNIT":
      return true;
    default:
      return isBare || rest.includes("\\") || !/^[ \t]+("|[a-zA-Z_:])/.test(rest);
  }
}

/** A second HELP or TYPE of a name, or one behind its samples. */
function hasMetadataOutOfOrder(text: string): boolean {
  const seen = new Set<string>();
  for (const line of linesOf(text)) {
    const metadata = /^[ \t]*#[ \t]+(HELP|TYPE|UNIT)[ \t]+(\S+)/.exec(line);
    const name = metadata?.[2] ?? /^[ \t]*([\w:]+)/.exec(line)?.[1];
    if (
      metadata !== null &&
      (seen.has(`${metadata[1]} ${name}`) || hasSampleOf(seen, name ?? ""))
    ) {
      return true;
    }
    seen.add(`${metadata?.[1] ?? "sample"} ${name}`);
  }
  return false;
}

function hasSampleOf(seen: ReadonlySet<string>, family: string): boolean {
  return ["", "_total", "_bucket", "_sum", "_count", "_info", "_created", "_gsum", "_gcount"].some(
    (suffix) => seen.has(`sample ${family}${suffix}`),
  );
}

function isOutOfOrder(before: ReadSample, after: ReadSample): boolean {
  const sameLabels = JSON.stringify(before.labels) === JSON.stringify(after.labels);
  const wentBack =
    before.timestampMs !== undefined &&
    (after.timestampMs ?? before.timestampMs) <= before.timestampMs;
  return wentBack || sameLabels || before.labels.length > 0;
}

const CONSTRAINED: readonly string[] = ["counter", "histogram", "summary", "info"];

function breaksMeaning(text: string, samples: readonly ReadSample[]): boolean {
  const isStateset = /^#[ \t]+TYPE[ \t]+\S+[ \t]+stateset/im.test(text);
  if (
    isStateset &&
    samples.some((sample) => !sample.labels.some(([name]) => name === sample.name))
  ) {
    return true;
  }
  if (isStateset && samples.some(({ value }) => value !== 0 && value !== 1)) {
    return true;
  }
  return hasClashingFamilies(text) || samples.some((sample) => breaksItsType(sample, samples));
}

/** A family is named as the sample of another. */
function hasClashingFamilies(text: string): boolean {
  const families = [...text.matchAll(/^#[ \t]+(?:TYPE|HELP|UNIT)[ \t]+(\S+)/gm)].map(
    ([, name = ""]) => name,
  );
  return families.some((family) =>
    families.some(
      (other) =>
        /^_(total|created|bucket|sum|count|gsum|gcount|info)$/.test(family.slice(other.length)) &&
        family.startsWith(other),
    ),
  );
}

function breaksItsType(sample: ReadSample, samples: readonly ReadSample[]): boolean {
  const { role, value, labels } = sample;
  if (!CONSTRAINED.includes(role.type)) {
    return false;
  }
  const limit = labels.find(([name]) => name === "le" || name === "quantile")?.[1];
  const limitValue = limit?.endsWith("Inf")
    ? 1
    : Number(limit?.startsWith("0x") ? Number.NaN : limit);
  switch (role.part) {
    case "info":
      return value !== 1 || !sample.name.endsWith("_info");
    case "quantile":
      return !(limitValue >= 0 && limitValue <= 1) || value < 0;
    case "bucket":
      return (
        limitValue < 0 ||
        Number.isNaN(limitValue) ||
        !Number.isInteger(value) ||
        value < 0 ||
        isIncomplete(sample, samples)
      );
    case "count":
      return !Number.isInteger(value) || value < 0 || isIncomplete(sample, samples);
    case "sum":
      return !(value >= 0) || isIncomplete(sample, samples);
    case "scalar":
      return !(value >= 0) || sample.name === role.family || isIncomplete(sample, samples);
  }
}

/** A histogram without `+Inf` bucket, without one of sum and count, or whose count is not that bucket's. */
function isIncomplete(sample: ReadSample, samples: readonly ReadSample[]): boolean {
  if (sample.role.type !== "histogram") {
    return false;
  }
  const group = samples.filter((other) => other.role.family === sample.role.family);
  const has = (suffix: string) => group.find((other) => other.name === sample.role.family + suffix);
  const last = group.filter((other) => other.role.part === "bucket").at(-1);
  const counts = has("_count") ?? has("_gcount");
  const sums = has("_sum") ?? has("_gsum");
  return (
    last?.labels.some(([name, value]) => name === "le" && value === "+Inf") !== true ||
    (counts === undefined) !== (sums === undefined) ||
    (counts !== undefined && counts.value !== last.value) ||
    group.some(
      (other, index) =>
        other.role.part === "bucket" &&
        group
          .slice(0, index)
          .some((before) => before.role.part === "bucket" && before.value > other.value),
    )
  );
}

function hasForeignLabel(line: string): boolean {
  return line
    .replace(QUOTED, '""')
    .slice(line.indexOf("{") + 1)
    .split(",")
    .some((label) => label.includes("=") && !/^[ \t]*("|[a-zA-Z_]\w*[ \t]*=)/.test(label));
}
