import { expect, test } from "vitest";
import { QUEUE_DEFAULTS } from "../../../src/delivery/delivery-settings.ts";
import { CategoryStore } from "../../../src/delivery/queue/category-store.ts";
import type { Stretch } from "../../../src/spool/segment.ts";
import { FakeDisk } from "../../spool/fake-disk.ts";
import { openSpool } from "../../spool/spool-case.ts";
import { payloadOf } from "../line-payload.ts";
import { ManualClock } from "../manual-clock.ts";

/** A store of one destination, `a`, and what a previous life left for it. */
async function opened(disk: FakeDisk) {
  const found: Stretch[] = [];
  const user = {
    name: "a",
    needsRoom: false,
    found: (_: string, stretches: readonly Stretch[]) => found.push(...stretches),
    segmentGoes: () => undefined,
  };
  const store = new CategoryStore({
    category: "metric",
    settings: { ...QUEUE_DEFAULTS, directory: "/queue" },
    disk: disk.session(),
    clock: new ManualClock(),
    users: [user],
    unreadable: () => undefined,
  });
  await store.open();
  return { store, found };
}

const everything = Number.POSITIVE_INFINITY;

test("after a failed sync only what was not safe is written again", async () => {
  const answers: number[] = [];
  const disk = new FakeDisk(() => answers.shift() ?? 1);
  disk.faultRate = 0.5;
  const { store } = await opened(disk);
  store.add("dk_0", payloadOf(["a v=1 1"]));
  expect(await store.cycle(everything)).toBeUndefined();
  store.add("dk_0", payloadOf(["b v=1 1"]));
  // The write succeeds, the sync after it does not.
  answers.push(1, 0);
  expect(await store.cycle(everything)).toBe("EIO");
  expect(await store.cycle(everything)).toBeUndefined();
  const spool = await openSpool(disk);
  expect(spool.segments.map(({ amount }) => amount.records)).toEqual([2, 1]);
});

test("a segment that is removed and comes back by a loss of power is known to be settled", async () => {
  const disk = new FakeDisk(() => 0.9);
  const { store: first } = await opened(disk);
  first.add("dk_0", payloadOf(["a v=1 1"]));
  await first.cycle(everything);
  await first.shut();
  const { store: second, found } = await opened(disk);
  await second.cycle(everything);
  second.settleRange("a", found[0]!.first, found[0]!.last);
  await second.cycle(everything);
  expect(disk.paths.filter((path) => path.endsWith(".seg"))).toEqual([]);
  disk.losePower();
  expect(disk.paths.filter((path) => path.endsWith(".seg"))).toHaveLength(1);
  expect((await opened(disk)).found).toEqual([]);
});
