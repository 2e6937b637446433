import { MIB } from "../../src/units.ts";
import { COLD_PATH, PEER_PARSER, REPLAY } from "../in-process/lanes.ts";
import type { LaneResult } from "../in-process/measure-lanes.ts";
import type { Summary } from "./summary.ts";

/** A figure that the project set itself. */
export interface Bar {
  readonly what: string;
  /** `≤ 0.2 ×`. */
  readonly bar: string;
  /** Undefined: this run did not measure it. */
  readonly measured: number | undefined;
  readonly reached: boolean | undefined;
}

/** Everything that was measured in one run of the benchmark. */
export interface BenchResults {
  readonly summaries: readonly Summary[];
  readonly lanes: readonly LaneResult[];
}

const OURS = "promline";
const PEERS = ["vmagent", "prometheus"];

/** All bars, in the order of the issue. */
export function judge(results: BenchResults): Bar[] {
  return [
    atMost(
      "W1: CPU per delivered sample, to the better peer",
      1 / 5,
      toPeers(results, "W1", "cpuPerDelivered"),
    ),
    ...(
      [
        ["W2", 1 / 5],
        ["W3", 1 / 3],
        ["W5", 1 / 5],
        ["W6", 1 / 3],
      ] as const
    ).map(([workload, bar]) =>
      atMost(
        `${workload}: CPU per raw sample, to the better peer`,
        bar,
        toPeers(results, workload, "cpuPerScraped"),
      ),
    ),
    atMost("W1: CPU per raw sample, to the C roofline", 2.5, toRoofline(results)),
    atMost(
      "W1: CPU per raw sample that gzip adds, us",
      0.5,
      difference(ours(results, "W1-gzip")?.cpuPerScraped, ours(results, "W1")?.cpuPerScraped),
    ),
    atMost(
      "W1: bytes sent, to the same text at zlib level 1",
      1.15,
      ours(results, "W1")?.sizeToLevel1,
    ),
    ...["W1", "W3"].flatMap((workload) => [
      atMost(`${workload}: steady RSS, to vmagent's`, 1, memoryToVmagent(results, workload)),
      atMost(
        `${workload}: steady RSS, MiB`,
        100,
        mebibytes(ours(results, workload)?.steadyRssBytes),
      ),
    ]),
    ...["W4", "W4-busy"].flatMap((workload) => [
      atMost(`${workload}: peak RSS, MiB`, 150, mebibytes(ours(results, workload)?.peakRssBytes)),
      atMost(`${workload}: ticks missed`, 0, ours(results, workload)?.missedTicks),
    ]),
    atLeast("in-process: replay, short lines, GB/s", 4, laneSpeed(results, REPLAY, "short")),
    atLeast("in-process: replay, long lines, GB/s", 7, laneSpeed(results, REPLAY, "long")),
    ...(["long", "short"] as const).map((lines) =>
      atLeast(
        `in-process: cold path, ${lines} lines, to ${PEER_PARSER}`,
        10,
        coldPathRatio(results, lines),
      ),
    ),
    ...[15, 1000].map((rules) =>
      atMost(
        `relabel: CPU per raw sample with ${rules} rules, to none`,
        1.05,
        ratio(
          ours(results, `relabel-${rules}`)?.cpuPerScraped,
          ours(results, "relabel-0")?.cpuPerScraped,
        ),
      ),
    ),
    atMost(
      "W7: CPU per sample, largest to smallest from 10 to 500 targets",
      1.2,
      scaleSpread(results),
    ),
  ];
}

function atMost(what: string, bar: number, measured: number | undefined): Bar {
  return {
    what,
    bar: `≤ ${short(bar)}`,
    measured,
    reached: holds(measured, (value) => value <= bar),
  };
}

function atLeast(what: string, bar: number, measured: number | undefined): Bar {
  return {
    what,
    bar: `≥ ${short(bar)}`,
    measured,
    reached: holds(measured, (value) => value >= bar),
  };
}

function holds(
  measured: number | undefined,
  test: (value: number) => boolean,
): boolean | undefined {
  return measured === undefined || Number.isNaN(measured) ? undefined : test(measured);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function find(
  { summaries }: BenchResults,
  workload: string,
  contender: string,
): Summary | undefined {
  return summaries.find((summary) => {
    return summary.workload === workload && summary.contender === contender;
  });
}

function ours(results: BenchResults, workload: string): Summary | undefined {
  return find(results, workload, OURS);
}

function ratio(above: number | undefined, below: number | undefined): number | undefined {
  return above === undefined || below === undefined ? undefined : above / below;
}

function difference(more: number | undefined, less: number | undefined): number | undefined {
  return more === undefined || less === undefined ? undefined : more - less;
}

/** To the best of the peers that ran. */
export function toPeers(
  results: BenchResults,
  workload: string,
  figure: "cpuPerScraped" | "cpuPerDelivered",
  contender: string = OURS,
): number | undefined {
  const peers = PEERS.map((peer) => find(results, workload, peer)?.[figure] ?? Number.NaN);
  const known = peers.filter((value) => !Number.isNaN(value));
  const best = known.length === 0 ? undefined : Math.min(...known);
  return ratio(find(results, workload, contender)?.[figure], best);
}

function toRoofline(results: BenchResults): number | undefined {
  const roofline = find(results, "W1", "roofline");
  return ratio(ours(results, "W1")?.cpuPerScraped, roofline?.cpuPerScraped);
}

function memoryToVmagent(results: BenchResults, workload: string): number | undefined {
  const vmagent = find(results, workload, "vmagent");
  return ratio(ours(results, workload)?.steadyRssBytes, vmagent?.steadyRssBytes);
}

function mebibytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / MIB;
}

function lane({ lanes }: BenchResults, name: string, lines: LaneResult["lines"]) {
  return lanes.find((result) => result.name === name && result.lines === lines);
}

/** GB/s. */
function laneSpeed(
  results: BenchResults,
  name: string,
  lines: LaneResult["lines"],
): number | undefined {
  const speed = lane(results, name, lines)?.bytesPerSecond;
  return speed === undefined ? undefined : speed / 1e9;
}

function coldPathRatio(results: BenchResults, lines: LaneResult["lines"]): number | undefined {
  const peer = lane(results, PEER_PARSER, lines)?.bytesPerSecond;
  return ratio(lane(results, COLD_PATH, lines)?.bytesPerSecond, peer);
}

/** From 10 targets on; needs both ends of the curve. */
function scaleSpread(results: BenchResults): number | undefined {
  const [first, ...more] = [10, 100, 500].map((targets) => ours(results, `W7-${targets}`));
  if (first === undefined || more.some((summary) => summary === undefined)) {
    return undefined;
  }
  const costs = [first, ...more].map((summary) => summary?.cpuPerScraped ?? Number.NaN);
  return Math.max(...costs) / Math.min(...costs);
}
