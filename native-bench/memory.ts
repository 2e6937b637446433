// Runs agents in memory groups of their own and prints what they took at most:
//
//   node native-bench/memory.ts            40 s a case, the cases that CI runs
//   node native-bench/memory.ts --all      40 s a case, every number of processors
//   node native-bench/memory.ts --long     all of them for 5 minutes
//
// PROMLINE_PROGRAM names another program than this checkout's bin/promline. Exit code 1: one was killed or missed a tick. Exit code 0
// with a word where no group can be made, 1 with PROMLINE_REQUIRE_SERVICES=1.

import { fileURLToPath } from "node:url";
import { MIB } from "../src/units.ts";
import { readBenchEnvironment } from "./bench-environment.ts";
import { type MemoryCase, type MemoryOutcome, runMemoryCase } from "./memory/memory-case.ts";
import { mib } from "./memory/memory-group.ts";
import { DESTINATIONS, MemoryStage } from "./memory/memory-stage.ts";
import { textTable } from "./report/text-table.ts";
import type { PageRecipe } from "./workload/page-recipe.ts";

const environment = readBenchEnvironment();
const program = environment.promline ?? fileURLToPath(new URL("../bin/promline", import.meta.url));
const flags = new Set(process.argv.slice(2));
const known = process.argv.slice(2).map((flag) => /^--([a-z]+)=(.+)$/.exec(flag));
const option = (name: string) => known.find((match) => match?.[1] === name)?.[2];
const list = (name: string) => option(name)?.split(",");

const MESH: PageRecipe = { kind: "istio", size: 10_000 };
const SMALL: PageRecipe = { kind: "node", size: 1_000 };
const HUGE: PageRecipe = { kind: "kube-state", size: 300 * MIB };
/** Twenty pages of 10,000 series, the huge one, ten small ones. */
const recipes = [...Array(20).fill(MESH), HUGE, ...Array(10).fill(SMALL)] as PageRecipe[];
const range = (from: number, count: number) => Array.from({ length: count }, (_, of) => from + of);

const seconds = Number(option("seconds") ?? (flags.has("--long") ? 300 : 40));
const every = flags.has("--all") || flags.has("--long");
const cpus = (list("cpus") ?? (every ? ["1", "2", "8", "64"] : ["2", "64"])).map(Number);
const moods = DESTINATIONS.filter((mood) => list("destinations")?.includes(mood) ?? true);
const parallel = Number(option("parallel") ?? 4);

const cases: MemoryCase[] = moods.flatMap((destination) => [
  ...cpus.map((of) => ({
    limitMib: Number(option("limit") ?? 192),
    cpus: of,
    destination,
    targets: range(0, 20),
    huge: flags.has("--no-huge") ? undefined : 20,
    seconds,
  })),
  ...(flags.has("--no-small")
    ? []
    : [
        {
          limitMib: 96,
          cpus: cpus.at(-1) ?? 1,
          destination,
          targets: range(21, 10),
          huge: undefined,
          seconds,
        },
      ]),
]);

const used = new Set(cases.flatMap(({ targets, huge }) => [...targets, huge ?? -1]));
const stage = await MemoryStage.start(recipes, used);
const rows: string[][] = [];
let broken = 0;
let unfit: string | undefined;
for (let from = 0; from < cases.length; from += parallel) {
  const some = cases.slice(from, from + parallel);
  const outcomes = await Promise.all(
    some.map((one) => runMemoryCase(one, stage, program, environment.path)),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const one = some[index];
    if ("why" in outcome) unfit = outcome.why;
    else if (one !== undefined) {
      rows.push(rowOf(one, outcome));
      if (outcome.ended !== undefined || outcome.kills + outcome.missedTicks > 0) broken++;
    }
  }
}
stage.stop();

if (unfit !== undefined) {
  process.stdout.write(`skipped: no memory group can be made here: ${unfit}\n`);
  process.exit(environment.requireAll ? 1 : 0);
}
const header =
  "limit MiB|believed CPUs|targets|destination|seconds|peak MiB|anonymous MiB|lanes|missed ticks|failing|result";
process.stdout.write(`${textTable(header.split("|"), rows)}\n`);
process.exit(broken > 0 ? 1 : 0);

function rowOf(one: MemoryCase, outcome: MemoryOutcome): string[] {
  const targets = `${one.targets.length}${one.huge === undefined ? "" : " and 300 MiB"}`;
  const killed = outcome.kills > 0 ? "killed" : `ended: ${outcome.ended}`;
  return [
    String(one.limitMib),
    String(one.cpus),
    targets,
    one.destination,
    String(one.seconds),
    mib(outcome.peakBytes),
    mib(outcome.anonymousBytes),
    String(outcome.lanes),
    String(outcome.missedTicks),
    String(outcome.failedScrapes),
    outcome.ended === undefined && outcome.kills === 0 ? "held" : killed,
  ];
}
