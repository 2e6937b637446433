import { expect, test } from "vitest";
import { Outbox } from "../../src/lanes/outbox.ts";

function outbox() {
  const left: [messages: string[], buffers: number][] = [];
  const box = new Outbox<string>({
    postMessage: (messages: string[], buffers: ArrayBuffer[]) => {
      left.push([messages, buffers.length]);
    },
  } as ConstructorParameters<typeof Outbox>[0]);
  return { box, left };
}

const turnEnds = () => new Promise((resolve) => setImmediate(resolve));

test("what is said in one turn leaves together when it ends, in order", async () => {
  const { box, left } = outbox();
  box.say("a");
  await Promise.resolve();
  box.say("b");
  expect(left).toEqual([]);
  await turnEnds();
  expect(left).toEqual([[["a", "b"], 0]]);
  box.say("c");
  await turnEnds();
  await turnEnds();
  expect(left).toEqual([
    [["a", "b"], 0],
    [["c"], 0],
  ]);
});

test("what is held leaves with the next that is said, its buffers with it", async () => {
  const { box, left } = outbox();
  box.hold("page 1", new ArrayBuffer(1000));
  await turnEnds();
  expect(left).toEqual([]);
  box.hold("page 2", new ArrayBuffer(0));
  box.say("report");
  await turnEnds();
  expect(left).toEqual([[["page 1", "page 2", "report"], 2]]);
});

test("256 KiB are not held, and are counted anew from there", () => {
  const { box, left } = outbox();
  box.hold("a", new ArrayBuffer(262_000));
  expect(left).toEqual([]);
  box.hold("b", new ArrayBuffer(144));
  expect(left).toEqual([[["a", "b"], 2]]);
  box.hold("c", new ArrayBuffer(262_000));
  expect(left).toHaveLength(1);
});

test("flushing sends what there is, once, also what was to leave later", async () => {
  const { box, left } = outbox();
  box.flush();
  expect(left).toEqual([]);
  box.hold("a", new ArrayBuffer(1));
  box.say("b");
  box.flush();
  await turnEnds();
  expect(left).toEqual([[["a", "b"], 1]]);
});
