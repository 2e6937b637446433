import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { scrapeTargetOf } from "../../src/agent/targets/target-spec.ts";
import type { PromInput } from "../../src/config/input/prom-input.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import type { Payload } from "../../src/payload.ts";
import type { RelabelRule } from "../../src/rules/relabel/relabel-rule.ts";
import { NO_SERIES_LIMITS } from "../../src/rules/relabel/series-config.ts";
import { Scraper } from "../../src/scrape/scraper.ts";
import { located, promInput } from "../support/prom-input.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const AT_MS = 1_700_000_000_000;

/** Scrapes each page in turn; answers the lines of the last scrape. */
async function scrape(changes: Partial<PromInput>, ...pages: (string | undefined)[]) {
  const path = join(scratchDirectory("own-series"), "page");
  const { targets } = staticTargets([located({ urls: [path], scrapeSeries: true, ...changes })]);
  const [target] = targets.map((one) =>
    scrapeTargetOf(one, { globalHostTags: {}, globalElectionTags: {} }),
  );
  const scraper = new Scraper();
  let payloads: Payload[] = [];
  for (const page of pages) {
    payloads = [];
    writeFileSync(path, page ?? "");
    const signal = page === undefined ? AbortSignal.abort() : new AbortController().signal;
    if (target !== undefined) {
      const emit = (payload: Payload) => void payloads.push(payload);
      await scraper.scrape(target, AT_MS, emit, signal);
    }
  }
  await scraper.close();
  const lines = payloads.flatMap(({ gzip, category, points, samples }) => {
    const text = gunzipSync(gzip).toString();
    expect(points).toBe(text.split("\n").length - 1);
    expect(samples).toBeLessThanOrEqual(points);
    return text
      .trimEnd()
      .split("\n")
      .map((line) => `${category} ${line.replaceAll(path, "PAGE")}`);
  });
  return lines.filter((line) => /scrape/.test(line));
}

const SECONDS = /duration_seconds=[\d.e-]+/;

test("five series of a scrape, named, tagged and timed as the samples of the page", async () => {
  const lines = await scrape({ tags: { team: "a" } }, 'a_b{x="1"} 1\n', 'a_b{x="1"} 2\na_c 3\n');
  expect(lines.map((line) => line.replace(SECONDS, "duration_seconds=S"))).toEqual([
    `metric scrape,host=PAGE,team=a duration_seconds=S ${AT_MS}000000`,
    `metric scrape,host=PAGE,team=a samples_scraped=2 ${AT_MS}000000`,
    `metric scrape,host=PAGE,team=a samples_post_metric_relabeling=2 ${AT_MS}000000`,
    `metric scrape,host=PAGE,team=a series_added=1 ${AT_MS}000000`,
    `metric scrape,host=PAGE,team=a body_size_bytes=19 ${AT_MS}000000`,
  ]);
});

test("rules reach them; filters and limits do not, and show in the counts", async () => {
  const drop = (regex: string): RelabelRule => ({
    action: "drop",
    sourceLabels: ["__name__"],
    targetLabel: "",
    modulus: 0,
    regex,
  });
  const series: PromInput["series"] = {
    flavour: "prometheus",
    metricRelabel: [drop("scrape_(series|body|duration).*|a_d")],
    targetRelabel: [],
    honorLabels: true,
    limits: { ...NO_SERIES_LIMITS, series: 1, labels: 1 },
  };
  const rules = {
    ...promInput().rules,
    metricNameFilter: ["a_b", "a_d"],
    asLogging: { service: "" },
    measurementName: "m",
  };
  const lines = await scrape({ series, rules }, "a_b 1\na_c 1\na_d 1\n");
  expect(lines.map((line) => line.replace(/ \d+$/, ""))).toEqual([
    "metric m,host=PAGE scrape_samples_scraped=3",
    "metric m,host=PAGE scrape_samples_post_metric_relabeling=1",
  ]);
});

test("a failed scrape has them, an aborted one has not", async () => {
  const failed = await scrape({ urls: ["/none/such"] }, "a 1\n");
  expect(failed).toHaveLength(5);
  expect(failed.join()).toContain("series_added=0");
  expect(await scrape({}, undefined)).toEqual([]);
});

test("without the setting nothing is watched and nothing told", () => {
  const { targets } = staticTargets([located()]);
  const specs = targets.map((one) =>
    scrapeTargetOf(one, { globalHostTags: {}, globalElectionTags: {} }),
  );
  expect(specs.map(({ ownSeries }) => ownSeries)).toEqual([undefined]);
});
