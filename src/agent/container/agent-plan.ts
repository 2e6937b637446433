import { availableParallelism, totalmem } from "node:os";
import type { AgentSettings } from "../../config/settings/agent-settings.ts";
import { readCgroupLimits } from "./cgroup.ts";
import { type MemoryPlan, planMemory } from "./memory-plan.ts";

/** The plan for this machine and container. */
export function planHere({ lanes, replayBytes, delivery }: AgentSettings): MemoryPlan {
  const { memoryBytes, processors } = readCgroupLimits();
  return planMemory({
    limits: {
      memoryBytes,
      machineBytes: totalmem(),
      processors,
      machineProcessors: availableParallelism(),
    },
    lanes: lanes.count,
    replayBytes,
    deliveryBytes: delivery.memoryBytes,
  });
}

/** What was planned and why, for the log and the status. */
export function planFields(plan: MemoryPlan) {
  const { lanes, laneHeapBytes, neededBytes } = plan;
  return {
    limitBytes: plan.limitBytes.value,
    limitFrom: plan.limitBytes.from,
    processors: plan.processors.value,
    processorsFrom: plan.processors.from,
    lanesAtMost: lanes.most,
    lanesFrom: lanes.from,
    replayBytes: plan.replayBytes.value,
    replayFrom: plan.replayBytes.from,
    deliveryBytes: plan.deliveryBytes.value,
    deliveryFrom: plan.deliveryBytes.from,
    laneHeapBytes,
    neededBytes,
  };
}

/** The parts of the plan, for the metrics. */
export function planBytes(plan: MemoryPlan): Record<string, number> {
  return {
    limit: plan.limitBytes.value,
    needed: plan.neededBytes,
    replay: plan.replayBytes.value,
    delivery: plan.deliveryBytes.value,
    lane_heap: plan.laneHeapBytes,
  };
}
