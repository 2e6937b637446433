import { expect, test } from "vitest";
import { InlineLane } from "../../src/lanes/inline-lane.ts";
import { FixtureScraper } from "./fixture-scraper.ts";
import { target } from "./targets.ts";

const never = new AbortController().signal;

test("hands over payloads and then the report", async () => {
  const seen: [string, number][] = [];
  const lane = new InlineLane(new FixtureScraper(), (key, payload) => {
    seen.push([key, payload.gzip.byteLength]);
    return undefined;
  });
  const report = await lane.scrape(target("a", "emit:2:5"), 77, never);
  expect(seen).toEqual([
    ["a", 5],
    ["a", 5],
  ]);
  expect(report).toMatchObject({ outcome: { kind: "ok" }, durationMs: 77 });
});

test("forgets what another object under the same key replaces", async () => {
  const scraper = new FixtureScraper();
  const forgotten: string[] = [];
  const lane = new InlineLane(
    {
      scrape: scraper.scrape,
      forget: (key) => forgotten.push(key),
      close: () => scraper.close(),
    },
    () => undefined,
  );
  const first = target("a", "emit:0:0");
  await lane.scrape(first, 0, never);
  await lane.scrape(first, 0, never);
  expect(forgotten).toEqual([]);
  await lane.scrape(target("a", "emit:1:1"), 0, never);
  expect(forgotten).toEqual(["a"]);
});

test("stopping aborts what runs and closes the scraper", async () => {
  const scraper = new FixtureScraper();
  const lane = new InlineLane(scraper, () => undefined);
  const running = lane.scrape(target("a", "hang"), 0, never);
  await lane.stop();
  expect((await running).outcome).toMatchObject({ reason: "aborted" });
  expect(scraper.closed).toBe(true);
});
