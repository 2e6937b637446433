import { md5Tail } from "../../md5-tail.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { labelsText } from "../../rules/relabel/labels-text.ts";
import { type RelabelConfig, RelabelProgram } from "../../rules/relabel/relabel-program.ts";
import { ruleText } from "../../rules/relabel/rule-text.ts";

/** What one rule did to the series that reached it. */
export interface RuleReport {
  /** As YAML. */
  readonly rule: string;
  /** Series that reached it, of these those its `if` let in, those it changed, those it dropped. */
  readonly reached: number;
  readonly applied: number;
  readonly changed: number;
  readonly dropped: number;
  /** The first series that it changed or dropped, or just the first. */
  readonly example?: {
    /** The values of the source labels, joined. */
    readonly source: string;
    readonly before: string;
    /** Absent: dropped. */
    readonly after?: string;
  };
}

export interface RelabelReport {
  readonly series: number;
  readonly kept: number;
  readonly rules: readonly RuleReport[];
  /** What came out, at most as many as were asked for. */
  readonly output: readonly string[];
}

type Tally = { -readonly [K in keyof RuleReport]: RuleReport[K] };

/** Takes series through lists of rules, as a scrape does, and tells what each rule did. */
export function reportRelabeling(
  configs: readonly RelabelConfig[],
  series: readonly (readonly Label[])[],
  maxOutput: number,
): RelabelReport {
  const stages = configs.map((config) => ({
    program: new RelabelProgram(config, md5Tail),
    tallies: config.rules.map(emptyTally),
  }));
  const output: string[] = [];
  let kept = 0;
  for (const one of series) {
    let labels: readonly Label[] | undefined = one;
    for (const { program, tallies } of stages) {
      labels = labels && explainInto(program, labels, tallies);
    }
    if (labels !== undefined) {
      kept++;
      if (output.length < maxOutput) {
        output.push(labelsText(labels));
      }
    }
  }
  const rules = stages.flatMap(({ tallies }) => tallies);
  return { series: series.length, kept, rules, output };
}

function emptyTally(rule: RelabelConfig["rules"][number]): Tally {
  return { rule: ruleText(rule), reached: 0, applied: 0, changed: 0, dropped: 0 };
}

function explainInto(
  program: RelabelProgram,
  series: readonly Label[],
  tallies: readonly Tally[],
): readonly Label[] | undefined {
  const { traces, labels } = program.explain(series);
  for (const [index, { applied, source, before, after }] of traces.entries()) {
    const tally = tallies[index] as Tally;
    const [from, to] = [labelsText(before), after && labelsText(after)];
    const did = from !== to;
    const wasIdle = tally.changed + tally.dropped === 0;
    tally.reached++;
    tally.applied += applied ? 1 : 0;
    tally.changed += did && to !== undefined ? 1 : 0;
    tally.dropped += to === undefined ? 1 : 0;
    if (tally.example === undefined || (did && wasIdle)) {
      tally.example = { source, before: from, ...(to !== undefined && { after: to }) };
    }
  }
  return labels;
}
