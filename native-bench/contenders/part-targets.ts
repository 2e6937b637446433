import type { Network } from "../network/network.ts";
import { targetAddress } from "../workload/target-address.ts";
import type { Workload, WorkloadPart } from "../workload/workload.ts";

export interface PartTargets {
  readonly part: WorkloadPart;
  /** `10.244.1.1:9100` each. */
  readonly addresses: readonly string[];
}

/** The addresses of each part's targets, numbered over all parts as the target server does. */
export function partTargets(
  { parts }: Workload,
  { prefix }: Pick<Network, "prefix">,
  port: number,
): PartTargets[] {
  let first = 0;
  return parts.map((part) => {
    const from = first;
    first += part.targets;
    const addresses = Array.from({ length: part.targets }, (_, index) => {
      return `${targetAddress(prefix, from + index)}:${port}`;
    });
    return { part, addresses };
  });
}
