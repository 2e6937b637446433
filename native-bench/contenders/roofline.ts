import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { SECOND } from "../../src/units.ts";
import type { BenchEnvironment } from "../bench-environment.ts";
import { ColdPath } from "../in-process/cold-path.ts";
import { pageBytes } from "../workload/page-bytes.ts";
import type { Contender, Found, Prepared, Scene } from "./contender.ts";
import { programOutput } from "./program-output.ts";

const PROGRAM = fileURLToPath(new URL("../.cache/roofline", import.meta.url));
const SOURCE = fileURLToPath(new URL("../roofline.c", import.meta.url));
const PER_MILLE = 1000;

/** Compiles the roofline. It is missing where there is no C compiler or no zlib to compile against. */
export async function findRoofline({ compiler }: BenchEnvironment): Promise<Found> {
  await mkdir(dirname(PROGRAM), { recursive: true });
  const flags = ["-O2", "-march=native", "-D_GNU_SOURCE"];
  const compiled = await programOutput(compiler, [...flags, "-o", PROGRAM, SOURCE, "-lz"]);
  if (!compiled.ok) {
    const why = `${compiler} does not compile it (gcc and zlib1g-dev?): ${compiled.text}`;
    return { kind: "missing", name: "roofline", why };
  }
  const version = await programOutput(compiler, ["--version"]);
  const contender: Contender = {
    name: "roofline",
    version: version.text.split("\n")[0] ?? "unknown",
    delivers: false,
    prepare: async (scene) => command(scene),
  };
  return { kind: "found", contender };
}

/** One part only, and not one whose page it takes us long to measure. */
function command({ workload, seed, network, targetsPort }: Scene): Prepared {
  const [part, more] = workload.parts;
  if (part === undefined || more !== undefined) {
    return { kind: "unfit", why: "it knows one kind of page at a time" };
  }
  if (part.recipe.relabel !== undefined) {
    return { kind: "unfit", why: "it knows no relabel rules" };
  }
  const page = pageBytes(part.recipe, seed);
  const { outputBytes } = new ColdPath(part.recipe.filter).run(page);
  const perMille = Math.round((outputBytes / page.length) * PER_MILLE);
  const numbers = [targetsPort, part.targets, part.intervalSeconds * SECOND, perMille];
  const args = [`${network.prefix}.0.0`, ...numbers.map(String)];
  return { kind: "command", command: { file: PROGRAM, args } };
}

/** What the roofline printed at its end. */
export interface RooflineCount {
  readonly pages: number;
  readonly lines: number;
  readonly comments: number;
  readonly outputBytes: number;
  readonly compressedBytes: number;
}

/** Of the file that its standard output went to. Undefined: it said nothing. */
export async function readRooflineCount(output: string): Promise<RooflineCount | undefined> {
  const text = await readFile(output, "utf8");
  return text.trim() === "" ? undefined : (JSON.parse(text) as RooflineCount);
}
