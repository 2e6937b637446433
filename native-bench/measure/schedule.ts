import type { Contender, ContenderName } from "../contenders/contender.ts";
import type { Workload } from "../workload/workload.ts";
import { measureRun, type RunOptions } from "./measure-run.ts";
import type { RunOutcome } from "./measurement.ts";
import type { RunSettings } from "./run-settings.ts";

/** One run as it ended. */
export interface RunReport {
  readonly workload: string;
  readonly contender: ContenderName;
  readonly outcome: RunOutcome;
}

export interface ScheduleOptions extends RunOptions {
  /** Runs at the same time: 1 where speed matters. */
  readonly atOnce: number;
  readonly report: (report: RunReport) => void;
}

/**
 * Every contender on every workload, `settings.runs` times in turns: A B A B, so that what drifts drifts for all. Answers the
 * runs in the order of workloads and contenders; after an interruption, those that were finished by then.
 */
export async function runSchedule(
  contenders: readonly Contender[],
  workloads: readonly Workload[],
  settings: RunSettings,
  options: ScheduleOptions,
): Promise<RunReport[]> {
  const turns = Array.from({ length: settings.runs }, () => contenders).flat();
  const queue = workloads.flatMap((workload) =>
    turns.map((contender) => ({ workload, contender })),
  );
  const reports: RunReport[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { workload, contender } = next;
      const outcome = await unlessInterrupted(
        measureRun(contender, workload, settings, options),
        options.signal,
      );
      if (outcome === undefined) {
        return;
      }
      const report = { workload: workload.name, contender: contender.name, outcome };
      reports.push(report);
      options.report(report);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  const place = ({ workload, contender }: RunReport): number =>
    workloads.findIndex(({ name }) => name === workload) * contenders.length +
    contenders.findIndex(({ name }) => name === contender);
  return reports.toSorted((left, right) => place(left) - place(right));
}

async function unlessInterrupted(
  run: Promise<RunOutcome>,
  signal: AbortSignal,
): Promise<RunOutcome | undefined> {
  try {
    return await run;
  } catch (error) {
    if (signal.aborted) {
      return undefined;
    }
    throw error;
  }
}
