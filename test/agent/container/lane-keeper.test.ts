import { expect, test } from "vitest";
import { type ElasticLanes, LaneKeeper } from "../../../src/agent/container/lane-keeper.ts";
import { planMemory } from "../../../src/agent/container/memory-plan.ts";
import { MIB } from "../../../src/units.ts";
import { SteppingClock } from "../schedule/stepping-clock.ts";

class BusyLanes implements ElasticLanes {
  size = 1;
  busy = 1;
  loads() {
    return Array.from({ length: this.size }, () => ({ busy: this.busy, targets: 5 }));
  }
  async resize(size: number): Promise<void> {
    this.size = size;
  }
}

function keeping(processors: number, lanes?: number) {
  const clock = new SteppingClock(0);
  const pool = new BusyLanes();
  const changes: string[] = [];
  const plan = planMemory({
    limits: {
      memoryBytes: 1024 * MIB,
      machineBytes: 1024 * MIB,
      processors: undefined,
      machineProcessors: processors,
    },
    lanes,
    replayBytes: undefined,
    deliveryBytes: undefined,
  });
  const changed = (now: number, before: number) => changes.push(`${before} to ${now}`);
  const stop = new AbortController();
  const cpuMs = () => clock.monotonic() * 1.5;
  const running = new LaneKeeper(pool, plan, clock, changed, cpuMs).run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
    expect(clock.sleeping).toBe(0);
  };
  return { clock, pool, changes, end };
}

test("lanes that are busy get one more, lanes that are idle become fewer, one at a time", async () => {
  const { clock, pool, changes, end } = keeping(4);
  await clock.pass(100_000);
  expect([pool.size, changes]).toEqual([3, ["1 to 2", "2 to 3"]]);
  pool.busy = 0.01;
  await clock.pass(2_000_000);
  expect([pool.size, changes.slice(2)]).toEqual([1, ["3 to 2", "2 to 1"]]);
  await end();
});

test("processors that are all in use make no lane more", async () => {
  const { clock, pool, end } = keeping(1.6);
  await clock.pass(1_000_000);
  expect(pool.size).toBe(1);
  await end();
});

test("a number that the user has set never changes", async () => {
  const { clock, changes, end } = keeping(8, 3);
  await clock.pass(1_000_000);
  expect(changes).toEqual([]);
  await end();
});
