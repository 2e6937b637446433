import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { FetchOutcome } from "../../src/fetch/fetch-outcome.ts";
import type { Payload } from "../../src/payload.ts";
import type { PageReader } from "../../src/scrape/page-reader.ts";
import type { ScrapeTarget } from "../../src/scrape/scrape-target.ts";
import { Scraper } from "../../src/scrape/scraper.ts";
import { MIB } from "../../src/units.ts";
import { LIMITS, request } from "../fetch/fetch-case.ts";
import { rulesConfig } from "../support/rules-config.ts";

const AT_MS = 1_700_000_000_000;

function targetOf(changes: Partial<ScrapeTarget> = {}): ScrapeTarget {
  return {
    key: "k",
    page: { kind: "http", request: request("http://h/m") },
    rules: rulesConfig(),
    limits: LIMITS,
    ignoreRequestErrors: false,
    up: { instance: "h" },
    ...changes,
  };
}

/** Reads the pages that are put in; a failure in place of a page is the outcome. */
class Pages implements PageReader {
  next: string | Extract<FetchOutcome, { kind: "failed" }>["reason"] = "";
  readonly forgotten: ScrapeTarget[] = [];

  async read(
    _target: ScrapeTarget,
    sink: Parameters<PageReader["read"]>[1],
  ): Promise<FetchOutcome> {
    const bytes = Buffer.from(this.next);
    const tally = { wireBytes: bytes.length, bodyBytes: bytes.length };
    if (!this.next.includes("\n")) {
      const reason = this.next as "connect_refused";
      return { kind: "failed", reason, detail: "it failed", wireBytes: 0, bodyBytes: 0 };
    }
    sink.start("text/plain");
    const stop = sink.chunk(bytes);
    return stop === undefined
      ? { kind: "ok", status: 200, ...tally }
      : { kind: "failed", reason: stop, detail: "stopped", status: 200, ...tally };
  }

  forget(target: ScrapeTarget): void {
    this.forgotten.push(target);
  }

  async close(): Promise<void> {}
}

class Lane {
  readonly pages = new Pages();
  readonly scraper: Scraper;

  constructor(replayBytes = 0) {
    this.scraper = new Scraper(this.pages, replayBytes);
  }

  /** One scrape: its outcome and what it emitted, `category line`, without times. */
  async scrape(page: string, target = targetOf()) {
    this.pages.next = page;
    const payloads: Payload[] = [];
    const emit = (payload: Payload) => void payloads.push(payload);
    const { signal } = new AbortController();
    const report = await this.scraper.scrape(target, AT_MS, emit, signal);
    const { outcome } = report;
    const lines = payloads.flatMap(({ category, gzip }) =>
      gunzipSync(gzip)
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => `${category} ${line.replace(/ \d+$/, "")}`),
    );
    return { outcome: outcome.kind === "ok" ? "ok" : outcome.reason, lines, payloads, report };
  }
}

const UP = "metric collector,instance=h up=1i";
const DOWN = "metric collector,instance=h up=0i";

test("a page becomes points, with the up point in the same payload", async () => {
  const { outcome, lines, payloads, report } = await new Lane().scrape("a_b 1\n");
  expect([outcome, lines]).toEqual(["ok", ["metric a b=1", UP]]);
  expect(payloads).toMatchObject([{ points: 2, samples: 1 }]);
  expect(report).toMatchObject({ status: 200, wireBytes: 6, bodyBytes: 6 });
  expect(report.outputBytes).toBe(payloads[0]?.rawBytes);
  expect(report.compressedBytes).toBe(payloads[0]?.gzip.length);
});

test("points of logging and the up point are of two categories", async () => {
  const rules = rulesConfig({ asLogging: { service: "s" } });
  const { lines } = await new Lane().scrape("a_b 1\n", targetOf({ rules }));
  expect(lines).toEqual(['logging a,service=s b=1,status="INFO"', UP]);
});

test("a target that failed is down, one that asks for silence says nothing of it", async () => {
  const lane = new Lane();
  expect(await lane.scrape("connect_refused")).toMatchObject({
    outcome: "connect_refused",
    lines: [DOWN],
  });
  const silent = targetOf({ ignoreRequestErrors: true });
  expect((await lane.scrape("connect_refused", silent)).lines).toEqual([]);
  expect((await lane.scrape("body_limit", silent)).lines).toEqual([DOWN]);
  expect((await lane.scrape("aborted")).lines).toEqual([]);
  const { up: _, ...withoutUp } = targetOf();
  expect((await lane.scrape("connect_refused", withoutUp)).lines).toEqual([]);
});

test("a page of malformed lines only is a failure, an empty one is not", async () => {
  const lane = new Lane();
  const { outcome, report, lines } = await lane.scrape("<html>\n</html>\n");
  expect([outcome, lines]).toEqual(["no_samples", [DOWN]]);
  expect(report.outcome).toMatchObject({
    detail: expect.stringMatching(/^no sample and 2 malformed lines, first at line 1: /),
  });
  expect((await lane.scrape("# only a comment\n")).outcome).toBe("ok");
  expect((await lane.scrape("a_b 1\n<html>\n")).outcome).toBe("ok");
});

test("a page that goes beyond a limit is kept as far as it was read", async () => {
  const limits = { ...LIMITS, samples: 1 };
  const { outcome, lines } = await new Lane().scrape("a_b 1\na_c 2\n", targetOf({ limits }));
  expect([outcome, lines]).toEqual(["sample_limit", ["metric a b=1", DOWN]]);
});

test("secrets of the request do not come back in examples of faults", async () => {
  const headers = { Authorization: "Bearer topsecrettoken" };
  const page = { kind: "http", request: request("http://h/m", { headers }) } as const;
  const { report } = await new Lane().scrape("a 1\n{Bearer topsecrettoken\n", targetOf({ page }));
  expect(report.faults).toHaveLength(1);
  expect(JSON.stringify(report.faults)).not.toContain("topsecrettoken");
});

test("a target that changed is scraped by its new rules", async () => {
  const lane = new Lane(8 * MIB);
  await lane.scrape("a_b 1\n");
  const changed = targetOf({ rules: rulesConfig({ measurementName: "m" }) });
  expect((await lane.scrape("a_b 1\n", changed)).lines).toEqual(["metric m a_b=1", UP]);
  expect((await lane.scrape("a_b 2\n", changed)).lines).toEqual(["metric m a_b=2", UP]);
});

test("what is kept for a target is let go of, once", async () => {
  const lane = new Lane();
  const target = targetOf();
  await lane.scrape("a_b 1\n", target);
  lane.scraper.forget("other");
  lane.scraper.forget("k");
  lane.scraper.forget("k");
  expect(lane.pages.forgotten).toEqual([target]);
  expect((await lane.scrape("a_b 1\n", target)).outcome).toBe("ok");
});

test("payloads are parted by what the sink groups by", async () => {
  const target = targetOf({ sinkKeys: ["app"] });
  const { payloads } = await new Lane().scrape('a_b{app="x"} 1\na_b{app="y"} 1\n', target);
  expect(payloads.map(({ sinkTags }) => sinkTags)).toEqual(["app=x", "app=y", undefined]);
});
