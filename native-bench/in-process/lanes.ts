import { constants, gzipSync } from "node:zlib";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { gzipMember } from "../../src/points/gzip-member.ts";
import { PatternSet } from "../../src/rules/pattern-set.ts";
import { KIB } from "../../src/units.ts";
import { wholePage } from "../workload/page-bytes.ts";
import { layPage, type PageRecipe } from "../workload/page-recipe.ts";
import { PageState } from "../workload/page-state.ts";
import { relabelRules } from "../workload/relabel-rules.ts";
import { SEED_FILTER } from "../workload/seed-filter.ts";
import { RULES } from "../workload/workload.ts";
import { ColdPath } from "./cold-path.ts";
import { PageEncoder } from "./page-encoder.ts";
import { PageInflater } from "./page-inflater.ts";
import { PageParser } from "./page-parser.ts";
import { ReplayPath } from "./replay-path.ts";
import { ThreadCrossing } from "./thread-crossing.ts";

/** A step measured alone: what one call of `run` works on. */
export interface Lane {
  readonly name: string;
  /** Long or short lines; empty where the step does not know lines. */
  readonly lines: "long" | "short" | "";
  readonly bytes: number;
  /** Samples, texts or payloads in one call. */
  readonly units: number;
  readonly run: () => unknown;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  stop(): Promise<void>;
}

const PAYLOAD_BYTES = 256 * KIB;

/** All lanes on the pages of W1 (long lines) and W3 (short lines); `share` makes the pages smaller. */
export function makeLanes(seed: number, share: number): Lanes {
  const crossing = new ThreadCrossing();
  const long: PageRecipe = { kind: "istio", size: Math.round(5000 * share) };
  const short: PageRecipe = { kind: "node", size: Math.round(20_000 * share) };
  const lanes = [
    ...pageLanes("long", pagesOf(long, seed)),
    ...pageLanes("short", pagesOf(short, seed)),
    regexLane(seed),
    ...RULES.map((rules) => firstScrapeLane(pagesOf(long, seed)[0], rules)),
    {
      name: "thread crossing, there and back",
      lines: "" as const,
      bytes: crossing.bytes,
      units: 1,
      run: () => crossing.run(),
    },
  ];
  return { lanes, stop: () => crossing.stop() };
}

/** One target's page at one scrape after the other. */
function pagesOf(recipe: PageRecipe, seed: number): readonly [Buffer, ...Buffer[]] {
  const state = new PageState(layPage(recipe, seed, 0), seed, 0);
  const next = () => {
    state.move();
    return wholePage(state);
  };
  return [next(), next(), next(), next()];
}

function pageLanes(lines: "long" | "short", pages: readonly [Buffer, ...Buffer[]]): Lane[] {
  const [page] = pages;
  const replayPath = new ReplayPath(pages);
  const coldPath = new ColdPath(undefined);
  const parser = new PageParser();
  const encoder = new PageEncoder(page);
  const inflater = new PageInflater(page);
  const units = parser.run(page);
  const bytes = page.length;
  const compressed = page.subarray(0, PAYLOAD_BYTES);
  const compressedUnits = parser.run(compressed);
  return [
    {
      name: PEER_PARSER,
      lines,
      bytes,
      units,
      run: () => parsePrometheusTextFormat(page.toString("utf8")),
    },
    { name: COLD_PATH, lines, bytes, units, run: () => coldPath.run(page) },
    { name: REPLAY, lines, bytes, units, run: () => replayPath.run() },
    { name: "line parser", lines, bytes, units, run: () => parser.run(page) },
    { name: "encode", lines, bytes, units: encoder.samples, run: () => encoder.run() },
    {
      name: "gzip",
      lines,
      bytes: compressed.length,
      units: compressedUnits,
      run: () => gzipMember(compressed),
    },
    {
      name: "gzip, zlib level 1",
      lines,
      bytes: compressed.length,
      units: compressedUnits,
      run: () => gzipSync(compressed, { level: constants.Z_BEST_SPEED }),
    },
    { name: "gunzip", lines, bytes, units, run: () => inflater.run() },
    { name: "gunzip, zlib stream", lines, bytes, units, run: () => inflater.stream() },
    { name: "gunzip, zlib at once", lines, bytes, units, run: () => inflater.sync() },
  ];
}

/** The first page of a target: rules are compiled, and every line goes through them. */
function firstScrapeLane(page: Buffer, rules: number): Lane {
  const relabel = relabelRules(rules);
  return {
    name: `${FIRST_SCRAPE}, ${rules} relabel rules`,
    lines: "long",
    bytes: page.length,
    units: new ColdPath(undefined, relabel).run(page).counts.samples,
    run: () => new ColdPath(undefined, relabel).run(page),
  };
}

/** The published filter on the names of a sidecar, as regular expressions: it is asked once for each new name. */
function regexLane(seed: number): Lane {
  const faults: { pattern: string; message: string }[] = [];
  const patterns = SEED_FILTER.names.map((name) => `^(?:${name})$`);
  const set = PatternSet.compile(patterns, faults);
  const names = layPage({ kind: "sidecar", size: 100_000 }, seed, 0).keptNames;
  return {
    name: "regex, 27 patterns",
    lines: "",
    bytes: names.reduce((sum, name) => sum + name.length, 0),
    units: names.length,
    run: () => names.filter((name) => set?.test(name)).length,
  };
}

/** Begins the names of the lanes that `bench -- relabel` runs. */
export const FIRST_SCRAPE = "first scrape";
export const REPLAY = "replay";
export const COLD_PATH = "cold path (parse, rules, encode, gzip)";
export const PEER_PARSER = "parse-prometheus-text-format";
