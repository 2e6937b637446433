import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { type LanePool, threadPool } from "../../src/lanes/lane-pool.ts";
import { laneDefaults } from "../../src/lanes/lane-settings.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";
import { MIB } from "../../src/units.ts";
import { target } from "./targets.ts";

const never = new AbortController().signal;
const SAMPLES = 200;

const ends: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server whose pages name what was asked for, and threads that scrape it. */
async function scraping(targets: number, replayBytes: number) {
  const server = http.createServer(({ url = "" }, response) => {
    const lines = Array.from({ length: SAMPLES }, (_, of) => `m{of="${of}",page="${url}"} 1\n`);
    response.end(lines.join(""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  const points = new Map<string, number>();
  const pool = threadPool(
    { ...laneDefaults, lanes: 1, replayBytes },
    (_key, { gzip }) => {
      for (const [, page = ""] of String(gunzipSync(gzip)).matchAll(/page=([^ ,]+) /g)) {
        points.set(page, (points.get(page) ?? 0) + 1);
      }
      return undefined;
    },
    (lane, reason) => expect.unreachable(`lane ${lane} died: ${reason}`),
    systemClock,
  );
  ends.push(() => pool.stop());
  const all = Array.from({ length: targets }, (_, of) =>
    target(`t${of}`, `http://127.0.0.1:${port}/${of}`),
  );
  return { pool, all, points };
}

/** Scrapes each target again and again, one scrape of it at a time, until `enough` is called. Gives how many of each there were. */
function scrapeOn(pool: LanePool, all: readonly ScrapeTarget[]) {
  const failures: string[] = [];
  let stopping = false;
  const rounds = all.map(async (one) => {
    let scrapes = 0;
    while (!stopping) {
      const { outcome, counts } = await pool.scrape(one, 1_700_000_000_000 + scrapes, never);
      if (outcome.kind === "failed") failures.push(`${one.key}: ${outcome.detail}`);
      if (outcome.kind === "ok" && counts.sent === SAMPLES) scrapes++;
      else stopping = true;
    }
    return scrapes;
  });
  const enough = () => {
    stopping = true;
    return Promise.all(rounds);
  };
  return { enough, failures };
}

test.each([
  ["with room for everything", 32 * MIB],
  // The first lane touches all of it, so that half of it is too little for what it has.
  ["with too little memory for everything", 3 * MIB],
])(
  "while lanes come and go no scrape fails and no point is lost: %s",
  async (_, replayBytes) => {
    const { pool, all, points } = await scraping(24, replayBytes);
    const { enough, failures } = scrapeOn(pool, all);
    for (const size of [3, 1]) {
      await pool.resize(size);
      const before = points.get("/0") ?? 0;
      expect(failures).toEqual([]);
      await expect
        .poll(() => points.get("/0") ?? 0, { timeout: 20_000 })
        .toBeGreaterThan(before + 2 * SAMPLES);
    }
    const scrapes = await enough();
    expect(failures).toEqual([]);
    const expected = scrapes.map((count, of) => [`/${of}`, count * SAMPLES]);
    expect([...points].sort()).toEqual(expected.sort());
    expect(pool.replaced).toBe(0);
  },
  60_000,
);
