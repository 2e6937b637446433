import { once } from "node:events";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { LaneEnd } from "../../src/lanes/lane-end.ts";
import type { FromLane, ToLane } from "../../src/lanes/messages.ts";
import { FixtureScraper } from "./fixture-scraper.ts";
import { target } from "./targets.ts";

const opened: { port: MessagePort; ended: Promise<void> }[] = [];
afterEach(async () => {
  for (const { port, ended } of opened.splice(0)) {
    port.postMessage([{ kind: "close" }]);
    await ended;
    port.close();
  }
});

/** A lane's end in this thread. `say` is one array to it, `heard` what the next array from it said, in short. */
function laneEnd(creditBytes = 1_000_000) {
  const { port1, port2 } = new MessageChannel();
  const scraper = new FixtureScraper();
  const ended = new LaneEnd({ port: port2, creditBytes, shareBytes: 1000 }, scraper).run();
  opened.push({ port: port1, ended });
  const arrays: FromLane[][] = [];
  port1.on("message", (array: FromLane[]) => arrays.push(array));
  return {
    ended,
    scraper,
    say: (...messages: ToLane[]) => port1.postMessage(messages),
    heard: async () => {
      while (arrays.length === 0) await once(port1, "message");
      return arrays.shift()?.map(inShort);
    },
  };
}

function inShort(message: FromLane): string {
  switch (message.kind) {
    case "payload":
      return `${message.id}: ${message.payload.gzip.byteLength}`;
    case "report":
      return `${message.id}: ${message.report.outcome.kind}`;
    case "outgrown":
    case "pong":
      return message.kind;
  }
}

const configure = (key: string, url: string): ToLane => ({
  kind: "configure",
  target: target(key, url),
});
const scrape = (id: number, key: string): ToLane => ({ kind: "scrape", id, key, atMs: 0 });

test("a small page comes as one array", async () => {
  const { say, heard } = laneEnd();
  say(configure("a", "steps:100,turn,200,turn,turn"), scrape(1, "a"));
  expect(await heard()).toEqual(["1: 100", "1: 200", "1: ok"]);
});

test("scrapes that end in one turn come as one array", async () => {
  const { say, heard } = laneEnd();
  say(configure("a", "steps:1"), configure("b", "steps:2"), scrape(1, "a"), scrape(2, "b"));
  expect(await heard()).toEqual(["1: 1", "2: 2", "1: ok", "2: ok"]);
});

test("payloads of a scrape that goes on leave with the report of another", async () => {
  const { say, heard } = laneEnd();
  say(configure("long", "steps:10,turn,turn,turn,turn,20"), configure("short", "steps:1"));
  say(scrape(1, "long"), scrape(2, "short"));
  expect(await heard()).toEqual(["1: 10", "2: 1", "2: ok"]);
  expect(await heard()).toEqual(["1: 20", "1: ok"]);
});

test("of a large page 256 KiB at a time come before its end", async () => {
  const { say, heard } = laneEnd();
  say(configure("a", "steps:150000,150000,turn,turn,5"), scrape(1, "a"));
  expect(await heard()).toEqual(["1: 150000", "1: 150000"]);
  expect(await heard()).toEqual(["1: 5", "1: ok"]);
});

test("where the credit is used up payloads come at once and the scrape waits", async () => {
  const { say, heard } = laneEnd(250);
  say(configure("a", "steps:100,150,7"), scrape(1, "a"), { kind: "ping" });
  expect(await heard()).toEqual(["1: 100", "1: 150"]);
  expect(await heard()).toEqual(["pong"]);
  say({ kind: "ack", bytes: 1 });
  expect(await heard()).toEqual(["1: 7"]);
  say({ kind: "ack", bytes: 256 });
  expect(await heard()).toEqual(["1: ok"]);
});

test("an abort ends its scrape and none that comes after", async () => {
  const { say, heard } = laneEnd();
  say(configure("a", "hang"), configure("b", "steps:"));
  for (const id of [1, 3]) {
    say(scrape(id, "a"), scrape(id + 1, "b"));
    expect(await heard()).toEqual([`${id + 1}: ok`]);
    say({ kind: "abort", id: id + 1 }, { kind: "ping" });
    expect(await heard()).toEqual(["pong"]);
    say({ kind: "abort", id });
    expect(await heard()).toEqual([`${id}: failed`]);
  }
});

test("closing is heard after the reports of what it aborts", async () => {
  const { say, heard, ended } = laneEnd();
  say(configure("a", "hang"), scrape(1, "a"), { kind: "close" });
  expect(await heard()).toEqual(["1: failed"]);
  await ended;
});

test("a share below what it has touched makes it say that it has outgrown it, once for each", async () => {
  const { say, heard, scraper } = laneEnd();
  scraper.touchedBytes = 500;
  say({ kind: "share", replayBytes: 500 }, { kind: "ping" });
  expect(await heard()).toEqual(["pong"]);
  say({ kind: "share", replayBytes: 499 }, { kind: "ping" });
  expect(await heard()).toEqual(["outgrown", "pong"]);
});
