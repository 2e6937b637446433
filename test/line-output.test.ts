import { expect, test } from "vitest";
import { LineOutput } from "../src/line-output.ts";
import { ManualClock } from "./manual-clock.ts";

/** A reader that takes `room` bytes and then none, until it is given more or goes away. */
class Reader {
  text = "";
  room = Number.POSITIVE_INFINITY;
  isGone = false;

  readonly write = (bytes: Uint8Array): number => {
    if (this.isGone || this.room === 0) {
      throw Object.assign(new Error("write"), { code: this.isGone ? "EPIPE" : "EAGAIN" });
    }
    const taken = bytes.subarray(0, this.room);
    this.room -= taken.byteLength;
    this.text += Buffer.from(taken).toString("latin1");
    return taken.byteLength;
  };
}

function outputTo(reader: Reader, maxWaitingBytes = 20) {
  const clock = new ManualClock();
  const output = new LineOutput({ clock, write: reader.write, maxWaitingBytes });
  output.whenResumed((lines) => output.write(`(${lines} missing)\n`));
  return { clock, output };
}

/** Lets the reader take everything, and the output try again. */
async function readOn(reader: Reader, clock: ManualClock): Promise<void> {
  reader.room = Number.POSITIVE_INFINITY;
  reader.isGone = false;
  await clock.asleep();
  clock.advance(50);
  await new Promise(setImmediate);
}

test("a line is written before the call returns", () => {
  const reader = new Reader();
  const { output } = outputTo(reader);
  output.write("one\n");
  output.write("two\n");
  expect([reader.text, output.dropped]).toEqual(["one\ntwo\n", 0]);
});

test("a reader that stalls in the midst of a line gets the rest of it later, in order", async () => {
  const reader = new Reader();
  const { clock, output } = outputTo(reader);
  reader.room = 2;
  output.write("one\n");
  output.write("two\n");
  expect(reader.text).toBe("on");
  await readOn(reader, clock);
  expect([reader.text, output.dropped]).toEqual(["one\ntwo\n", 0]);
  output.write("three\n");
  expect(reader.text).toBe("one\ntwo\nthree\n");
});

test("beyond the bound lines are dropped, counted, and told of once where they are missing", async () => {
  const reader = new Reader();
  const { clock, output } = outputTo(reader);
  reader.room = 0;
  for (let line = 0; line < 10; line += 1) {
    output.write(`line${line}\n`);
  }
  expect([reader.text, output.dropped]).toEqual(["", 7]);
  await readOn(reader, clock);
  expect(reader.text).toBe("line0\nline1\nline2\n(7 missing)\n");
  output.write("more\n");
  expect(reader.text).toBe("line0\nline1\nline2\n(7 missing)\nmore\n");
});

test("a line longer than the bound is taken where nothing waits", () => {
  const reader = new Reader();
  const { output } = outputTo(reader);
  output.write(`${"x".repeat(50)}\n`);
  expect(reader.text).toHaveLength(51);
});

test("with nobody left to read, lines are dropped one by one without an error", () => {
  const reader = new Reader();
  const { output } = outputTo(reader);
  reader.isGone = true;
  output.write("one\n");
  output.write("two\n");
  expect(output.dropped).toBe(2);
  reader.isGone = false;
  output.write("three\n");
  expect(reader.text).toBe("three\n(2 missing)\n");
});

test("a line that was cut by a reader going away is ended before the next", async () => {
  const reader = new Reader();
  const { clock, output } = outputTo(reader);
  reader.room = 2;
  output.write("one\n");
  reader.isGone = true;
  await clock.asleep();
  clock.advance(50);
  await new Promise(setImmediate);
  expect(output.dropped).toBe(1);
  reader.isGone = false;
  reader.room = Number.POSITIVE_INFINITY;
  output.write("two\n");
  expect(reader.text).toBe("on\ntwo\n(1 missing)\n");
});

test("a flush waits for the reader, but not longer than it may", async () => {
  const reader = new Reader();
  const { clock, output } = outputTo(reader);
  reader.room = 0;
  output.write("one\n");
  const flushed = output.flush(500);
  await clock.asleep();
  clock.advance(500);
  await flushed;
  expect(output.dropped).toBe(1);
});

test("a flush ends as soon as everything is read", async () => {
  const reader = new Reader();
  const { clock, output } = outputTo(reader);
  reader.room = 0;
  output.write("one\n");
  const flushed = output.flush(500);
  await readOn(reader, clock);
  await flushed;
  expect([reader.text, output.dropped]).toEqual(["one\n", 0]);
});

test("with nothing waiting a flush is over at once", async () => {
  const { output } = outputTo(new Reader());
  output.write("one\n");
  await output.flush(500);
});
