// Runs agents in memory groups of their own and prints what they took at most:
//
//   node native-bench/memory.ts            40 s a case, as CI runs it
//   node native-bench/memory.ts --long     5 minutes a case, all numbers of processors
//
// More: --seconds=40 --cpus=2,64 --destinations=healthy,503,hanging --parallel=4 --large=192 --small=96 (MiB, 0: none) --no-huge
// --queue-off --lanes=N --allow-missed=0. PROMLINE_PROGRAM names another program than this checkout's bin/promline. Exit code 1: one was
// killed, did not answer, or missed more ticks than allowed after the first 15 s. Where no group can be made, it says so and exits with 0, with 1 where PROMLINE_REQUIRE_SERVICES=1.

import { MIB } from "../src/units.ts";
import { readBenchEnvironment } from "./bench-environment.ts";
import { type MemoryCase, type MemoryOutcome, runMemoryCase } from "./memory/memory-case.ts";
import { mib } from "./memory/memory-group.ts";
import { readMemoryOptions } from "./memory/memory-options.ts";
import { MemoryStage } from "./memory/memory-stage.ts";
import { textTable } from "./report/text-table.ts";
import type { PageRecipe } from "./workload/page-recipe.ts";

const environment = readBenchEnvironment();
const { program } = environment;
const options = readMemoryOptions(process.argv.slice(2));

const MESH: PageRecipe = { kind: "istio", size: 10_000 };
const SMALL: PageRecipe = { kind: "node", size: 1_000 };
const HUGE: PageRecipe = { kind: "kube-state", size: 300 * MIB };
/** Twenty pages of 10,000 series, the huge one, ten small ones. */
const recipes = [...Array(20).fill(MESH), HUGE, ...Array(10).fill(SMALL)] as PageRecipe[];
const range = (from: number, count: number) => Array.from({ length: count }, (_, of) => from + of);

const { seconds, queueOff, lanes } = options;
const cases: MemoryCase[] = options.destinations.flatMap((destination) => [
  ...(options.largeMib === 0 ? [] : options.cpus).map((cpus) => ({
    ...{ cpus, destination, seconds, queueOff, lanes },
    limitMib: options.largeMib,
    targets: range(0, 20),
    huge: options.huge ? 20 : undefined,
  })),
  ...(options.smallMib === 0 ? [] : options.cpus.slice(-1)).map((cpus) => ({
    ...{ cpus, destination, seconds, queueOff, lanes },
    limitMib: options.smallMib,
    targets: range(21, 10),
    huge: undefined,
  })),
]);

const used = new Set(cases.flatMap(({ targets, huge }) => [...targets, huge ?? -1]));
const stage = await MemoryStage.start(recipes, used);
const rows: string[][] = [];
let broken = 0;
let unfit: string | undefined;
for (let from = 0; from < cases.length; from += options.parallel) {
  const some = cases.slice(from, from + options.parallel);
  const outcomes = await Promise.all(
    some.map((one) => runMemoryCase(one, stage, program, environment.path)),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const one = some[index];
    if ("why" in outcome) unfit = outcome.why;
    else if (one !== undefined) {
      rows.push(rowOf(one, outcome));
      if (!isWell(outcome)) broken++;
    }
  }
}
stage.stop();

if (unfit !== undefined) {
  process.stdout.write(`skipped: no memory group can be made here: ${unfit}\n`);
  process.exit(environment.requireAll ? 1 : 0);
}
const header =
  "limit MiB|believed CPUs|targets|destination|seconds|peak MiB|anonymous MiB|mapped MiB|refaults/s|lanes|missed at start|missed later|failing|lost points|result";
process.stdout.write(`${textTable(header.split("|"), rows)}\n`);
process.exit(broken > 0 ? 1 : 0);

function isWell(outcome: MemoryOutcome): boolean {
  const { ended, kills, missedTicks, missedAtStart, answered } = outcome;
  const missedLater = missedTicks - missedAtStart;
  return ended === undefined && kills === 0 && missedLater <= options.allowMissed && answered;
}

function rowOf(one: MemoryCase, outcome: MemoryOutcome): string[] {
  const targets = `${one.targets.length}${one.huge === undefined ? "" : " and 300 MiB"}`;
  const held = outcome.answered ? "held" : "held, does not answer";
  const killed = outcome.kills > 0 ? "killed" : `ended: ${outcome.ended}`;
  return [
    String(one.limitMib),
    String(one.cpus),
    targets,
    one.destination,
    String(one.seconds),
    mib(outcome.peakBytes),
    mib(outcome.anonymousBytes),
    mib(outcome.mappedBytes),
    String(outcome.refaultsPerSecond),
    String(outcome.lanes),
    String(outcome.missedAtStart),
    String(outcome.missedTicks - outcome.missedAtStart),
    String(outcome.failedScrapes),
    String(outcome.lostPoints),
    outcome.ended === undefined && outcome.kills === 0 ? held : killed,
  ];
}
