import { expect, test } from "vitest";
import { Delivery } from "../../src/delivery/delivery.ts";
import type { Verdict } from "../../src/delivery/send/verdict.ts";
import { linesOf, payloadOf } from "./line-payload.ts";
import { ManualClock, turns } from "./manual-clock.ts";
import { RecordingObserver } from "./recording-observer.ts";
import { ACCEPTED, ScriptedSender } from "./scripted-sender.ts";

const NEVER = new Promise<Verdict>(() => undefined);

/** A delivery to scripted senders, one destination each, named a, b */
function deliveryTo(senders: readonly ScriptedSender[]) {
  const clock = new ManualClock();
  const named = new Map(senders.map((sender, index) => ["ab".charAt(index), sender]));
  const delivery = new Delivery(
    {
      destinations: [...named.keys()].map((name) => ({
        kind: "file",
        name,
        directory: "none",
        maxFileBytes: 0,
        maxTotalBytes: 0,
      })),
      memoryBytes: 1_000_000,
      overflow: "drop_oldest",
      flushIntervalMs: 10_000,
      maxRawBodyBytes: 1000,
      hostName: "n1",
    },
    {
      clock,
      observer: new RecordingObserver(),
      random: () => 0.5,
      senderOf: ({ name }) => named.get(name)!,
    },
  );
  const abort = new AbortController();
  return { delivery, clock, abort, start: () => delivery.start(abort.signal) };
}

test("what is local is written out although everything else is aborted", async () => {
  const file = new ScriptedSender(() => ACCEPTED);
  file.isLocal = true;
  const remote = new ScriptedSender(() => NEVER);
  const { delivery, abort, start } = deliveryTo([file, remote]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  await turns();
  abort.abort();
  delivery.offer(payloadOf(["b v=1 1"]));
  const { unsent } = await delivery.stop(0);
  expect(file.accepted.flatMap(({ gzip }) => linesOf(gzip))).toEqual(["a v=1 1", "b v=1 1"]);
  expect(unsent).toMatchObject([{ destination: "b", tally: { points: 2 } }]);
});

test("a local destination that fails is asked once more after an abort, and says why it lost", async () => {
  const full: Verdict = { kind: "retry", reason: "disk_full", pace: "normal" };
  const file = new ScriptedSender(() => full);
  file.isLocal = true;
  const { delivery, abort, start } = deliveryTo([file]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  abort.abort();
  const { unsent } = await delivery.stop(0);
  expect(unsent).toEqual([
    { destination: "a", tally: expect.objectContaining({ points: 1 }), why: "disk_full: " },
  ]);
});

test("a local destination that hangs is waited for four seconds after an abort", async () => {
  const file = new ScriptedSender(() => NEVER);
  file.isLocal = true;
  const { delivery, clock, abort, start } = deliveryTo([file]);
  start();
  delivery.offer(payloadOf(["a v=1 1"]));
  abort.abort();
  const stopped = delivery.stop(0);
  await turns();
  await clock.advance(0);
  await clock.advance(4000);
  expect(await stopped).toMatchObject({ unsent: [{ tally: { points: 1 } }] });
});
