/** One URL of the summary that `promline once` writes to standard error, in numbers. */
export interface OnceSummary {
  readonly source: string;
  /** `ok`, or the reason of the failure. */
  readonly outcome: string;
  readonly lines: number;
  readonly samples: number;
  readonly comments: number;
  readonly blank: number;
  readonly malformed: number;
  readonly kept: number;
  readonly points: number;
  readonly filtered: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly malformedBy: Readonly<Record<string, number>>;
}

const SUMMARY =
  /^\S+ \[(?<source>[^\]]*)\]: (?:ok|failed \((?<reason>\w+)\)).*\n {2}bytes .*\n {2}lines +(?<lines>\d+): (?<samples>\d+) samples, (?<comments>\d+) comments, (?<blank>\d+) blank, (?<malformed>\d+) malformed\n {2}kept +(?<kept>\d+) samples in (?<points>\d+) points\n {2}filtered +(?<filtered>.*)\n {2}dropped +(?<dropped>.*)\n {2}malformed +(?<by>.*)\n/gm;

export function readOnceSummary(stderr: string): readonly OnceSummary[] {
  return [...stderr.matchAll(SUMMARY)].map(({ groups = {} }) => {
    const number = (name: string) => Number(groups[name]);
    return {
      source: groups["source"] ?? "",
      outcome: groups["reason"] ?? "ok",
      lines: number("lines"),
      samples: number("samples"),
      comments: number("comments"),
      blank: number("blank"),
      malformed: number("malformed"),
      kept: number("kept"),
      points: number("points"),
      filtered: readParts(groups["filtered"] ?? ""),
      dropped: readParts(groups["dropped"] ?? ""),
      malformedBy: readParts(groups["by"] ?? ""),
    };
  });
}

/** `3 metric_types, 1 metric_name_filter`, or `0`. */
function readParts(text: string): Readonly<Record<string, number>> {
  return text === "0"
    ? {}
    : Object.fromEntries(
        text.split(", ").map((part) => {
          const [count, name] = part.split(" ");
          return [name ?? "", Number(count)] as const;
        }),
      );
}
