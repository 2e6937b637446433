import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfdWatcher } from "../../src/discovery/confd-watcher.ts";
import type { AcceptedConf, LoadedConf } from "../../src/discovery/last-good-inputs.ts";
import { ManualClock } from "../manual-clock.ts";
import { located } from "../support/prom-input.ts";

const INTERVAL_MS = 5000;

let directory = "";
let stop = new AbortController();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "promline-watch-"));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(directory, { recursive: true, force: true });
});

const ok = (...sources: string[]): LoadedConf => ({
  files: ["a.conf"],
  inputs: sources.map((source) => located({ source })),
  issues: [],
});
const broken: LoadedConf = {
  files: ["a.conf"],
  inputs: [],
  issues: [{ severity: "error", file: "a.conf", key: "", message: "no TOML" }],
};

/** A watcher over `directory`, with what it called back and how often it loaded. */
async function watching(first: LoadedConf) {
  const clock = new ManualClock();
  const seen = { called: [] as AcceptedConf[], troubles: [] as string[], loads: 0, next: first };
  const failing = { load: false };
  const watcher = new ConfdWatcher({
    directory,
    intervalMs: INTERVAL_MS,
    clock,
    load: async () => {
      seen.loads += 1;
      if (failing.load) {
        throw new Error("boom");
      }
      return seen.next;
    },
    changed: (conf) => seen.called.push(conf),
    trouble: ({ reason }) => seen.troubles.push(reason),
  });
  await watcher.start(stop.signal);
  const look = async () => {
    await clock.asleep();
    clock.advance(INTERVAL_MS);
    await clock.asleep();
  };
  const sources = () => seen.called.at(-1)?.inputs.map(({ input }) => input.source);
  return { watcher, clock, seen, failing, look, sources };
}

const write = (text: string) => writeFileSync(join(directory, "a.conf"), text);

test("the first load is done when start resolves", async () => {
  write("1");
  const { sources, seen } = await watching(ok("a"));
  expect([sources(), seen.loads]).toEqual([["a"], 1]);
});

test("nothing changed: nothing is loaded", async () => {
  write("1");
  const { look, seen } = await watching(ok("a"));
  await look();
  await look();
  expect([seen.loads, seen.called.length]).toEqual([1, 1]);
});

test("a change is seen at the next look", async () => {
  write("1");
  const { look, seen, sources } = await watching(ok("a"));
  write("2");
  seen.next = ok("b");
  await look();
  expect([sources(), seen.called.length]).toEqual([["b"], 2]);
});

test("a broken file keeps what ran, and says which", async () => {
  write("1");
  const { look, seen, sources } = await watching(ok("a"));
  write("2");
  seen.next = broken;
  await look();
  expect(sources()).toEqual(["a"]);
  expect(seen.called.at(-1)).toMatchObject({ kept: ["a.conf"], issues: [{ message: "no TOML" }] });
});

test("reload loads at once and calls back although nothing changed", async () => {
  write("1");
  const { watcher, clock, seen } = await watching(ok("a"));
  await clock.asleep();
  watcher.reload();
  await clock.asleep();
  expect([seen.loads, seen.called.length]).toEqual([2, 2]);
});

test("a load that fails is tried again", async () => {
  write("1");
  const { look, seen, failing, sources } = await watching(ok("a"));
  write("2");
  failing.load = true;
  await look();
  expect([seen.troubles, sources()]).toEqual([["load_failed"], ["a"]]);
  failing.load = false;
  seen.next = ok("b");
  await look();
  expect(sources()).toEqual(["b"]);
});

test("a directory that goes away changes nothing, and coming back is noticed", async () => {
  write("1");
  const { look, seen, sources } = await watching(ok("a"));
  renameSync(directory, `${directory}-away`);
  await look();
  expect([seen.troubles, seen.called.length]).toEqual([["directory_unreadable"], 1]);
  renameSync(`${directory}-away`, directory);
  write("2");
  seen.next = ok("b");
  await look();
  expect(sources()).toEqual(["b"]);
});

test.each([["signal"], ["stop"]])("after %s nothing is called any more", async (how) => {
  write("1");
  const { watcher, clock, seen } = await watching(ok("a"));
  await clock.asleep();
  write("2");
  if (how === "signal") {
    stop.abort();
  }
  await watcher.stop();
  watcher.reload();
  clock.advance(10 * INTERVAL_MS);
  expect([seen.loads, seen.called.length]).toEqual([1, 1]);
});

test("a start that is already aborted does nothing", async () => {
  stop.abort();
  const { seen } = await watching(ok("a"));
  expect(seen.loads).toBe(0);
});
