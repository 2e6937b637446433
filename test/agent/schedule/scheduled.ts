import { expect } from "vitest";
import { admissionDefaults } from "../../../src/agent/schedule/admission.ts";
import { phaseOf } from "../../../src/agent/schedule/phase.ts";
import { Scheduler } from "../../../src/agent/schedule/scheduler.ts";
import { target } from "../../lanes/targets.ts";
import { SteppingClock } from "./stepping-clock.ts";
import { TimedLanes } from "./timed-lanes.ts";

export const START = 1_700_000_000_000;
export const INTERVAL = 10_000;
export const HOUR = 3_600_000;

/** A scheduler over lanes and a clock of our own, and what it reports, as text. */
export function scheduled(settings = admissionDefaults) {
  const clock = new SteppingClock(START);
  const lanes = new TimedLanes(clock);
  const reports: string[] = [];
  const missed: Record<string, number> = {};
  const scheduler = new Scheduler(
    lanes,
    settings,
    {
      onReport: ({ key }, tick, { outcome }) => {
        const how = outcome.kind === "ok" ? "ok" : outcome.reason;
        reports.push(`${key} ${tick.onGrid ? "tick" : "opening"} ${how}`);
      },
      onMissed: ({ key }, reason, ticks) => {
        missed[`${key} ${reason}`] = (missed[`${key} ${reason}`] ?? 0) + ticks;
      },
    },
    clock,
  );
  const set = (...keys: string[]) =>
    scheduler.set(keys.map((key) => ({ target: target(key), intervalMs: INTERVAL })));
  const end = async () => {
    const stopped = scheduler.stop(0);
    await clock.pass(1000);
    await stopped;
    expect(lanes.faults).toEqual([]);
  };
  return { clock, lanes, reports, missed, scheduler, set, end };
}

/** A key whose first tick after START is later than its opening. */
export const KEY = keyWith((phase) => untilTick(phase) > 4000 && untilTick(phase) < 9000);

export function keyWith(fits: (phase: number) => boolean): string {
  for (let i = 0; ; i++) if (fits(phaseOf(`t${i}`, INTERVAL))) return `t${i}`;
}

export function untilTick(phase: number): number {
  return (phase - (START % INTERVAL) + INTERVAL) % INTERVAL;
}

export function firstTick(key: string): number {
  return START + untilTick(phaseOf(key, INTERVAL));
}
