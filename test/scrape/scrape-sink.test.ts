import { expect, test } from "vitest";
import { noLines } from "../../src/points/line-counts.ts";
import type { PageIntake } from "../../src/points/page-intake.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { ScrapeSink } from "../../src/scrape/scrape-sink.ts";
import { KIB } from "../../src/units.ts";

/** A sink over an intake that writes down what it is asked, and whose third chunk is one too many. */
function sinkOf({ turn }: { turn?: () => Promise<void> | undefined } = {}) {
  const told: string[] = [];
  const writer = new PayloadWriter();
  let borrowed = 0;
  let pushed = 0;
  const intake: PageIntake = {
    counts: noLines(),
    examples: [],
    get stopped() {
      return pushed > 2 ? ("sample_limit" as const) : undefined;
    },
    begin: (dialect, atMs, output) => {
      told.push(`begin ${dialect} ${atMs} ${output === writer ? "writer" : "none"}`);
    },
    push: (chunk) => {
      pushed++;
      told.push(`push ${chunk.length}`);
    },
    end: () => undefined,
  };
  const borrow = () => {
    borrowed++;
    return writer;
  };
  const first = turn && { turn, end: () => undefined };
  return { sink: new ScrapeSink(intake, borrow, 7, first), told, writer, borrows: () => borrowed };
}

test("the page goes to a writer that is borrowed when the answer begins", () => {
  const { sink, told, writer, borrows } = sinkOf();
  expect([told, borrows()]).toEqual([["begin text 7 none"], 0]);
  sink.start("application/openmetrics-text");
  expect(sink.chunk(new Uint8Array(3))).toBeUndefined();
  expect(told).toEqual(["begin text 7 none", "begin openmetrics 7 writer", "push 3"]);
  expect([sink.output, borrows()]).toEqual([writer, 1]);
});

test("a scrape without an answer has an output too", () => {
  const { sink, writer } = sinkOf();
  expect(sink.output).toBe(writer);
});

test("a page of a format that cannot be read is refused before its first line", () => {
  const { sink, told } = sinkOf();
  sink.start("application/vnd.google.protobuf");
  expect(sink.chunk(new Uint8Array(3))).toBe("content_type");
  expect(told).toEqual(["begin text 7 none"]);
});

test("the page ends where its reader stops", () => {
  const { sink } = sinkOf();
  sink.start("text/plain");
  const stops = [1, 2, 3].map(() => sink.chunk(new Uint8Array(1)));
  expect(stops).toEqual([undefined, undefined, "sample_limit"]);
});

test("a page waits for its turn past 64 KiB, and for the writer", async () => {
  const waiting = Promise.resolve();
  const { sink, writer } = sinkOf({ turn: () => waiting });
  sink.start("text/plain");
  sink.chunk(new Uint8Array(64 * KIB));
  expect(sink.ready()).toBeUndefined();
  sink.chunk(new Uint8Array(1));
  expect(sink.ready()).toBe(waiting);
  const other = sinkOf();
  other.sink.start("text/plain");
  expect(other.sink.ready()).toBeUndefined();
  const pause = Promise.withResolvers<void>();
  other.writer.begin("metric", () => pause.promise);
  other.writer.lines.putText("a b=1\n");
  other.writer.flush({ points: 1, sent: 1 });
  expect(other.sink.ready()).toBe(other.writer.blocked);
  expect(writer.blocked).toBeUndefined();
  pause.resolve();
  await other.writer.blocked;
});
