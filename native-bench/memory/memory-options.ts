import { parseArgs } from "node:util";
import { DESTINATIONS, type DestinationMood } from "./memory-stage.ts";

/** What `npm run memory` is asked for. */
export interface MemoryOptions {
  readonly seconds: number;
  readonly cpus: readonly number[];
  readonly destinations: readonly DestinationMood[];
  /** Cases at the same time. */
  readonly parallel: number;
  /** Limit of the cases with twenty large pages; of those with ten small ones. MiB, 0: leave them out. */
  readonly largeMib: number;
  readonly smallMib: number;
  /** The page of 300 MiB beside the large ones. */
  readonly huge: boolean;
  /** Also with the queue on disk off. */
  readonly queueOff: boolean;
  /** Ticks that a case may miss after its start: agents that share two cores with pages of 300 MiB miss some. */
  readonly allowMissed: number;
  /** `lanes.count`. */
  readonly lanes: number;
}

export function readMemoryOptions(args: readonly string[]): MemoryOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      long: { type: "boolean" },
      seconds: { type: "string" },
      cpus: { type: "string" },
      destinations: { type: "string" },
      parallel: { type: "string", default: "4" },
      large: { type: "string", default: "192" },
      small: { type: "string", default: "96" },
      "no-huge": { type: "boolean" },
      lanes: { type: "string", default: "0" },
      "queue-off": { type: "boolean" },
      "allow-missed": { type: "string", default: "0" },
    },
  });
  const long = values.long === true;
  const asked = values.destinations?.split(",");
  return {
    seconds: Number(values.seconds ?? (long ? 300 : 40)),
    cpus: (values.cpus ?? (long ? "1,2,8,64" : "2,64")).split(",").map(Number),
    destinations: DESTINATIONS.filter((mood) => asked?.includes(mood) ?? true),
    parallel: Number(values.parallel),
    largeMib: Number(values.large),
    smallMib: Number(values.small),
    huge: values["no-huge"] !== true,
    lanes: Number(values.lanes),
    queueOff: values["queue-off"] === true,
    allowMissed: Number(values["allow-missed"]),
  };
}
