import { expect, type TestContext, test } from "vitest";
import { AgentProcess, runOnce, type TargetCounts } from "../support/agent-process.ts";
import { Dataway } from "../support/dataway.ts";
import { type Point, readLineProtocol } from "../support/line-protocol.ts";
import { type OnceSummary, readOnceSummary } from "../support/once-summary.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { isUp, withoutTime } from "../support/point-selection.ts";
import { capture, captureFacts, captureFiles } from "../support/shared-data.ts";
import { page, TargetServer, TEXT_FORMAT } from "../support/targets.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const AT = 1_700_000_000;

/** Captures of which we read another number of samples than the reference programs; each is a row of compatibility.md. */
const OTHER_COUNT: ReadonlyMap<string, number> = new Map();

function dropIn(file: string, url: string): string {
  return `[[inputs.prom]]
urls = ["${url}"]
source = "${file}"
disable_instance_tag = true
[inputs.prom.tags]
capture = "${file}"
`;
}

/** All captures on one server, with the type their Content-Type would have said, and the drop-in that scrapes them. */
async function serve(context: TestContext) {
  const files = captureFiles(context);
  const targets = await TargetServer.start();
  for (const file of files) {
    const bytes = capture(context, file);
    const openMetrics = /# EOF\n?$/.test(bytes.subarray(-7).toString("latin1"));
    targets.set(`/${file}`, page(bytes, openMetrics ? OPENMETRICS : TEXT_FORMAT));
  }
  const conf = files.map((file) => dropIn(file, targets.url(`/${file}`))).join("\n");
  const scrapesOf = (file: string): number => targets.hits(`/${file}`).length;
  return { files, conf, scrapesOf };
}

function byCapture(points: readonly Point[]): ReadonlyMap<string, readonly Point[]> {
  const scraped = points.filter((point) => !isUp(point));
  return Map.groupBy(scraped, ({ tags }) => tags.get("capture") ?? "");
}

/** Fields that are samples: a time that was corrected is one beside it. */
function fields(points: readonly Point[]): number {
  return points.reduce(
    (sum, { fields }) => sum + fields.size - (fields.has("__orig_time") ? 1 : 0),
    0,
  );
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/**
 * What does not add up in the scrapes of one page, as sentences. The page never changes: each of its `scrapes` counts the same. There
 * is one as a rule, and a second where the target's first regular tick follows its opening scrape at once.
 */
function faultsOf(
  file: string,
  counts: TargetCounts,
  scrapes: number,
  delivered: number,
): readonly string[] {
  const { lines, blank, comments, malformed, samples, sent, filtered, dropped } = counts;
  const rules: readonly (readonly [string, number, number])[] = [
    ["lines", lines, blank + comments + samples + sum(malformed)],
    ["samples", samples, sent + sum(filtered) + sum(dropped)],
    ["delivered", delivered, sent * scrapes],
  ];
  return rules
    .filter(([, whole, parts]) => whole !== parts)
    .map(([name, whole, parts]) => `${file}: ${name}: ${whole}, not ${parts}`);
}

test("every capture is scraped, delivered, and its ledger balances", async (context) => {
  const { files, conf, scrapesOf } = await serve(context);
  const facts = captureFacts(context);
  const dataway = await Dataway.start();
  const agent = await AgentProcess.start({
    conf: { "captures.conf": conf.replaceAll('source = "', 'interval = "5m"\nsource = "') },
    env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
  });
  const rows = await until("a scrape of each capture", 60_000, async () => {
    const found = await agent.targets();
    return found.every(({ counts }) => counts !== undefined) ? found : undefined;
  });
  const peak = agent.memory().peak;
  expect(await agent.stop()).toMatchObject({ code: 0 });

  const delivered = byCapture(dataway.points());
  const faults: string[] = [];
  expect(rows.map(({ source }) => source).sort()).toEqual([...files].sort());
  for (const { source, outcome, counts } of rows) {
    const known = facts.get(source);
    const expected = OTHER_COUNT.get(source) ?? known?.samples;
    if (counts === undefined || known === undefined) {
      throw new Error(`nothing is known of ${source}`);
    }
    const came = fields(delivered.get(source) ?? []);
    faults.push(...faultsOf(source, counts, scrapesOf(source), came));
    if (counts.samples !== expected || outcome !== (expected === 0 ? "no_samples" : "ok")) {
      faults.push(`${source}: ${outcome}, ${counts.samples} samples, not ${expected}`);
    }
    const prometheus = known.oracles["prometheus_2.42_scrape"]?.verdict;
    if (prometheus === "accept" && sum(counts.malformed) > 0) {
      faults.push(`${source}: malformed ${JSON.stringify(counts.malformed)}`);
    }
  }
  expect(faults).toEqual([]);
  expect(peak).toBeLessThan(400 * MIB);
  expect(dataway.violations).toEqual([]);
});

/** What does not add up in the summary of one URL, as sentences. `printed` counts the fields on standard output. */
function summaryFaults(summary: OnceSummary, printed: number): readonly string[] {
  const { source, lines, samples, comments, blank, malformed, kept } = summary;
  const { filtered, dropped, malformedBy } = summary;
  const rules: readonly (readonly [string, number, number])[] = [
    ["lines", lines, samples + comments + blank + malformed],
    ["malformed", malformed, sum(malformedBy)],
    ["samples", samples, kept + sum(filtered) + sum(dropped)],
    ["printed", printed, kept],
  ];
  return rules
    .filter(([, whole, parts]) => whole !== parts)
    .map(([name, whole, parts]) => `${source}: ${name}: ${whole}, not ${parts}`);
}

test("once prints for every capture what its page holds, and nothing else", async (context) => {
  const { files, conf } = await serve(context);
  const facts = captureFacts(context);
  const { exit, stdout, stderr, peak } = await runOnce({ conf, at: AT });
  expect(exit.code, stderr.slice(-2000)).toBe(0);
  const printed = byCapture(readLineProtocol(stdout));
  const summaries = readOnceSummary(stderr);
  expect(summaries.map(({ source }) => source)).toEqual(files);
  const faults = summaries.flatMap((summary) => {
    const { source, samples, outcome } = summary;
    const known = facts.get(source)?.samples;
    const expected = OTHER_COUNT.get(source) ?? known;
    const wrong =
      samples === expected && outcome === "ok" ? [] : [`${source}: ${outcome} ${samples}`];
    return [...wrong, ...summaryFaults(summary, fields(printed.get(source) ?? []))];
  });
  expect(faults).toEqual([]);
  expect(readLineProtocol(stdout).filter(isUp)).toEqual([]);
  expect(peak).toBeLessThan(400 * MIB);

  // The same bytes on standard input make the same points.
  for (const file of files.filter((_, index) => index % 20 === 0)) {
    const alone = await runOnce({
      conf: dropIn(file, "http://127.0.0.1:1/metrics"),
      page: capture(context, file),
      at: AT,
    });
    const difference = comparePoints(
      withoutTime(readLineProtocol(alone.stdout)),
      withoutTime(printed.get(file) ?? []),
    );
    expect(difference, file).toEqual({ missing: [], unexpected: [] });
  }
});
