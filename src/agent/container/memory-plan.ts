import { GIB, MIB } from "../../units.ts";

/** What the plan is made from: the container, and what the user has set. Undefined: not set. */
export interface PlanInputs {
  readonly limits: {
    /** Of the control groups, and of the machine. */
    readonly memoryBytes: number | undefined;
    readonly machineBytes: number;
    readonly processors: number | undefined;
    readonly machineProcessors: number;
  };
  readonly lanes: number | undefined;
  readonly replayBytes: number | undefined;
  readonly deliveryBytes: number | undefined;
}

/** A figure, and where it comes from: `set` by the user, or what it was derived from. */
interface Planned<From extends string> {
  readonly value: number;
  readonly from: "set" | From;
}

/** How the process divides its memory and processors. Bytes; heaps are upper bounds, where the process dies rather than grow. */
export interface MemoryPlan {
  readonly limitBytes: Planned<"container" | "machine" | "cap">;
  readonly processors: Planned<"quota" | "machine">;
  /** Lanes at the start, and at most. Equal where the user has set them. */
  readonly lanes: { readonly least: number; readonly most: number; readonly from: LanesFrom };
  readonly replayBytes: Planned<"limit">;
  readonly deliveryBytes: Planned<"limit">;
  /** Old JavaScript heap of one lane. */
  readonly laneHeapBytes: number;
  /** What all this may take at most, and what the process takes beside it. */
  readonly neededBytes: number;
  /** What is wrong with what the user has set: for the log. */
  readonly warnings: readonly string[];
}

/** What keeps the number of lanes down. */
type LanesFrom = "set" | "memory" | "processors" | "most";

/** Without a limit a node agent still has no business with more. */
const CAP_BYTES = GIB;
/** Main thread, one lane, and those pages of Node's own file that must stay: docs/decisions/memory-plan.md, measured. */
const BASE_BYTES = 88 * MIB;
/** A lane more: its thread, heap and windows. */
const LANE_BYTES = 32 * MIB;
/** For garbage that is not collected yet, the rest of Node's file, and the page cache of what is written to the queue. */
const SLACK_BYTES = 16 * MIB;
const SLACK_PART = 1 / 8;
const REPLAY_PART = 1 / 2;
const DELIVERY_PART = 1 / 4;
const MOST_REPLAY_BYTES = 64 * MIB;
const MOST_DELIVERY_BYTES = 64 * MIB;
const LEAST_REPLAY_BYTES = 4 * MIB;
const LEAST_DELIVERY_BYTES = 4 * MIB;
/** Beyond that threads share caches and memory bandwidth, not work. */
const MOST_LANES = 16;

/** Pure: the same inputs make the same plan. What the user has set stays as it is; the rest shares what is left. */
export function planMemory(inputs: PlanInputs): MemoryPlan {
  const limit = limitOf(inputs.limits);
  const processors = processorsOf(inputs.limits);
  const slack = SLACK_BYTES + limit.value * SLACK_PART;
  const set = inputs.lanes;
  const base = BASE_BYTES + Math.max(0, (set ?? 1) - 1) * LANE_BYTES;
  const room = limit.value - base - slack;
  const replay = share(inputs.replayBytes, room, REPLAY_PART, [
    LEAST_REPLAY_BYTES,
    MOST_REPLAY_BYTES,
  ]);
  const delivery = share(inputs.deliveryBytes, room, DELIVERY_PART, [
    LEAST_DELIVERY_BYTES,
    MOST_DELIVERY_BYTES,
  ]);
  const left = room - replay.value - delivery.value;
  const lanes = set === undefined ? lanesIn(left, processors.value) : fixedLanes(set);
  const neededBytes = base + replay.value + delivery.value;
  const plan = {
    limitBytes: limit,
    processors,
    lanes,
    replayBytes: replay,
    deliveryBytes: delivery,
    laneHeapBytes: laneHeapOf(limit.value),
    neededBytes,
  };
  return { ...plan, warnings: warningsOf(plan, limit) };
}

function limitOf({
  memoryBytes = Number.POSITIVE_INFINITY,
  machineBytes,
}: PlanInputs["limits"]): MemoryPlan["limitBytes"] {
  if (memoryBytes <= machineBytes) return { value: memoryBytes, from: "container" };
  return machineBytes <= CAP_BYTES
    ? { value: machineBytes, from: "machine" }
    : { value: CAP_BYTES, from: "cap" };
}

function processorsOf({
  processors = Number.POSITIVE_INFINITY,
  machineProcessors,
}: PlanInputs["limits"]): MemoryPlan["processors"] {
  return processors < machineProcessors
    ? { value: processors, from: "quota" }
    : { value: machineProcessors, from: "machine" };
}

function share(
  set: number | undefined,
  room: number,
  part: number,
  [least, most]: readonly [number, number],
): Planned<"limit"> {
  if (set !== undefined) return { value: set, from: "set" };
  return { value: Math.floor(Math.min(most, Math.max(least, room * part))), from: "limit" };
}

/** The main thread keeps a processor: it compresses nothing but sends everything. */
function lanesIn(leftBytes: number, processors: number): MemoryPlan["lanes"] {
  const fits = 1 + Math.max(0, Math.floor(leftBytes / LANE_BYTES));
  const runs = Math.max(1, Math.ceil(processors) - 1);
  const most = Math.min(fits, runs, MOST_LANES);
  const from = most === runs ? "processors" : most === fits ? "memory" : "most";
  return { least: 1, most, from };
}

function fixedLanes(count: number): MemoryPlan["lanes"] {
  return { least: count, most: count, from: "set" };
}

/** A lane's heap has some 15 MiB, 3 more for each target with a thousand rules. One that could fill the container is killed with it. */
function laneHeapOf(limitBytes: number): number {
  return Math.floor(Math.min(256 * MIB, Math.max(48 * MIB, limitBytes / 2)));
}

function warningsOf(
  plan: Omit<MemoryPlan, "warnings">,
  { value: limitBytes, from }: MemoryPlan["limitBytes"],
): string[] {
  const { lanes, replayBytes, deliveryBytes, neededBytes } = plan;
  const parts = [
    ...(lanes.from === "set" && lanes.most > 1 ? [`lanes.count = ${lanes.most}`] : []),
    ...(replayBytes.from === "set" ? [`replay.max_bytes = ${replayBytes.value}`] : []),
    ...(deliveryBytes.from === "set" ? [`delivery.max_memory = ${deliveryBytes.value}`] : []),
  ];
  if (neededBytes <= limitBytes || from === "cap") return [];
  const needed = `${Math.ceil(neededBytes / MIB)} MiB may be needed and ${Math.floor(limitBytes / MIB)} MiB are there`;
  return parts.length > 0
    ? [`${needed}: lower ${parts.join(", ")}, or raise the memory limit`]
    : [`${needed}: raise the memory limit`];
}
