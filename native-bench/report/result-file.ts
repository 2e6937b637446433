import { mkdir, writeFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { Contender } from "../contenders/contender.ts";
import type { Allocations } from "../in-process/allocations.ts";
import type { Measurement } from "../measure/measurement.ts";
import type { RunSettings } from "../measure/run-settings.ts";
import { type BenchResults, judge } from "./bars.ts";

const DIRECTORY = new URL("../results/", import.meta.url);

export interface ResultFile {
  readonly name: string;
  readonly date: Date;
  readonly settings: RunSettings;
  /** Where the runs took place. */
  readonly network: string;
  readonly contenders: readonly Contender[];
  readonly measurements: readonly Measurement[];
  readonly results: BenchResults;
  readonly allocations: readonly Allocations[];
}

function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
  };
}

/** Writes `results/<name>.json` and answers its path. */
export async function writeResults(file: ResultFile): Promise<string> {
  const versions = file.contenders.map(({ name, version }) => [name, version] as const);
  const content = {
    name: file.name,
    date: file.date.toISOString(),
    machine: machine(),
    versions: { node: process.version, ...Object.fromEntries(versions) },
    settings: file.settings,
    network: file.network,
    bars: judge(file.results),
    workloads: file.results.summaries,
    lanes: file.results.lanes,
    allocations: file.allocations,
    measurements: file.measurements,
  };
  const path = fileURLToPath(new URL(`${file.name}.json`, DIRECTORY));
  await mkdir(DIRECTORY, { recursive: true });
  await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return path;
}
