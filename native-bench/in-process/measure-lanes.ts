import { Bench } from "tinybench";
import { SECOND } from "../../src/units.ts";
import { FIRST_SCRAPE, type Lane, makeLanes } from "./lanes.ts";

/** One lane's speed, by the median call. */
export interface LaneResult {
  readonly name: string;
  readonly lines: Lane["lines"];
  readonly bytesPerSecond: number;
  readonly unitsPerSecond: number;
  /** Of one call: of a lane `first scrape`, what that scrape takes. */
  readonly callMs: number;
  readonly calls: number;
}

/** Runs every lane for `seconds`, one after another; `share`: how large its page is beside the workload's. */
export async function measureLanes(
  seed: number,
  { seconds, share }: { readonly seconds: number; readonly share: number },
  chosen: "all" | "relabel" = "all",
): Promise<LaneResult[]> {
  const { lanes: made, stop } = makeLanes(seed, share);
  const lanes = made.filter(({ name }) => chosen === "all" || name.startsWith(FIRST_SCRAPE));
  try {
    const bench = new Bench({ time: seconds * SECOND, throws: true });
    for (const lane of lanes) {
      bench.add(`${lane.name} ${lane.lines}`, async () => {
        await lane.run();
      });
    }
    const tasks = await bench.run();
    return lanes.map((lane, index) => {
      const result = tasks[index]?.result;
      if (result === undefined || !("latency" in result)) {
        throw new Error(`no result for ${lane.name}`);
      }
      const callsPerSecond = SECOND / result.latency.p50;
      return {
        name: lane.name,
        lines: lane.lines,
        bytesPerSecond: lane.bytes * callsPerSecond,
        unitsPerSecond: lane.units * callsPerSecond,
        callMs: result.latency.p50,
        calls: result.latency.samplesCount,
      };
    });
  } finally {
    await stop();
  }
}
