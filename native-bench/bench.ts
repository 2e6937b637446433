import { readBenchEnvironment } from "./bench-environment.ts";
import type { Contender, Found } from "./contenders/contender.ts";
import { findContenders } from "./contenders/find-contenders.ts";
import { type Allocations, measureAllocations } from "./in-process/allocations.ts";
import { type LaneResult, measureLanes } from "./in-process/measure-lanes.ts";
import { cpuPerScraped, type Measurement } from "./measure/measurement.ts";
import { type RunReport, runSchedule } from "./measure/schedule.ts";
import { findNetwork } from "./network/find-network.ts";
import { type BenchOptions, HELP, parseOptions } from "./options.ts";
import { type BenchResults, judge } from "./report/bars.ts";
import { writeResults } from "./report/result-file.ts";
import { summarize } from "./report/summary.ts";
import { agentTable, allocationTable, barTable, laneTable, pageTable } from "./report/tables.ts";
import { smokeFaults } from "./smoke.ts";
import { selectWorkloads, type Workload, workloads } from "./workload/workload.ts";

const LANES = {
  full: { seconds: 3, share: 1 },
  smoke: { seconds: 0.1, share: 0.05 },
};
/** Samples of the smaller page. */
const HEAP_SAMPLES = { full: 500, smoke: 50 };
/** Smoke runs ask whether things work, not how fast. */
const RUNS_AT_ONCE = { full: 1, smoke: 8 };

process.exitCode = await main(process.argv.slice(2));

/** Answers the exit code: 0 fine, 1 something did not work, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  const parsed = parseOptions(argv);
  if (parsed.kind === "help") {
    say(HELP);
    return 0;
  }
  if (parsed.kind === "wrong") {
    say(`${parsed.why}\n\n${HELP}`);
    return 2;
  }
  const { options } = parsed;
  const chosen = chooseWorkloads(options);
  if (chosen === undefined) {
    say(`no such workload among ${options.workloads.join(" ")}\n\n${HELP}`);
    return 2;
  }
  const signal = abortOnInterrupt();
  try {
    return await bench(options, options.agents ? chosen : [], signal);
  } catch (error) {
    if (signal.aborted) {
      say("interrupted\n");
      return 1;
    }
    throw error;
  }
}

async function bench(
  options: BenchOptions,
  chosen: readonly Workload[],
  signal: AbortSignal,
): Promise<number> {
  const { settings } = options;
  const environment = readBenchEnvironment(options.programs);
  const found = chosen.length === 0 ? [] : await findContenders(options.contenders, environment);
  const contenders = found.flatMap((each) => (each.kind === "found" ? [each.contender] : []));
  const missing = found.flatMap((each) => (each.kind === "missing" ? [each] : []));
  found.forEach(sayFound);
  const network = await findNetwork(options.network);
  say(`network: ${network.title}\n`);
  const reports = await runSchedule(contenders, chosen, settings, {
    network,
    atOnce: RUNS_AT_ONCE[settings.scale],
    path: environment.path,
    signal,
    report: sayRun,
  });
  const isInterrupted = signal.aborted;
  const lanes =
    options.lanes === "none" || isInterrupted
      ? []
      : await measureLanes(settings.seed, LANES[settings.scale], options.lanes);
  const allocations =
    options.heap && !isInterrupted
      ? await measureAllocations(settings.seed, HEAP_SAMPLES[settings.scale])
      : [];
  const measurements = reports.flatMap(({ outcome }) => {
    return outcome.kind === "measured" ? [outcome.measurement] : [];
  });
  for (const remark of remarksOf(measurements)) {
    say(`${remark}\n`);
  }
  const measured = { contenders, network: network.title, measurements, lanes, allocations };
  await sayResults(options, chosen, measured);
  const faults = settings.scale === "smoke" ? smokeFaults(reports, lanes) : failures(reports);
  const skipped = environment.requireAll ? missing.map(({ name, why }) => `${name}: ${why}`) : [];
  for (const fault of [...faults, ...skipped]) {
    say(`FAILED ${fault}\n`);
  }
  if (isInterrupted) {
    say("interrupted: these are the runs that were finished\n");
    return 1;
  }
  return faults.length + skipped.length === 0 ? 0 : 1;
}

function failures(reports: readonly RunReport[]): string[] {
  return reports.flatMap(({ workload, contender, outcome }) => {
    return outcome.kind === "failed" ? [`${workload} ${contender}: ${outcome.why}`] : [];
  });
}

/** What contenders said of themselves, once each. */
function remarksOf(measurements: readonly Measurement[]): ReadonlySet<string> {
  return new Set(
    measurements.flatMap(({ contender, remark }) => {
      return remark === undefined ? [] : [`${contender}: ${remark}`];
    }),
  );
}

/** The smoke run takes one workload of those that compress, the full one none unless asked. */
function chooseWorkloads({ settings, workloads: names, gzip }: BenchOptions) {
  const all = workloads(settings.scale);
  const plain = selectWorkloads(all, names, gzip);
  const wantsOne = settings.scale === "smoke" && names.length === 0 && !gzip;
  const one = wantsOne ? selectWorkloads(all, ["W1-gzip"]) : [];
  return plain && [...plain, ...(one ?? [])];
}

interface Measured {
  readonly contenders: readonly Contender[];
  readonly network: string;
  readonly measurements: readonly Measurement[];
  readonly lanes: readonly LaneResult[];
  readonly allocations: readonly Allocations[];
}

async function sayResults(
  { settings, name }: BenchOptions,
  chosen: readonly Workload[],
  { contenders, network, measurements, lanes, allocations }: Measured,
): Promise<void> {
  const date = new Date();
  const results: BenchResults = { summaries: summarize(measurements), lanes };
  if (measurements.length > 0) {
    say(`\n${agentTable(results, chosen)}\n`);
    say(`\n${pageTable(results)}\n`);
  }
  if (lanes.length > 0) {
    say(`\n${laneTable(lanes)}\n`);
  }
  if (allocations.length > 0) {
    say(`\n${allocationTable(allocations)}\n`);
  }
  if (settings.scale === "full") {
    say(`\n${barTable(judge(results))}\n`);
  }
  const path = await writeResults({
    name: name ?? `${settings.scale}-${date.toISOString().replace(/[:.]/g, "-")}`,
    date,
    settings,
    network,
    contenders,
    measurements,
    results,
    allocations,
  });
  say(`\n${path}\n`);
}

function sayFound(found: Found): void {
  if (found.kind === "found") {
    say(`${found.contender.name}: ${found.contender.version}\n`);
  } else {
    say(`${found.name}: skipped, ${found.why}\n`);
  }
}

function sayRun({ workload, contender, outcome }: RunReport): void {
  const said =
    outcome.kind === "measured"
      ? `${cpuPerScraped(outcome.measurement).toFixed(3)} us of CPU a sample scraped`
      : `${outcome.kind}, ${outcome.why}`;
  say(`${workload} ${contender}: ${said}\n`);
}

/** Ctrl-C ends the run in progress and what it started. */
function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort(new Error(name)));
  }
  return controller.signal;
}

function say(text: string): void {
  process.stdout.write(text);
}
