import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DnsRecords, DnsServer, SILENT } from "./dns-server.ts";
import { makeMachine, SEARCH } from "./names-machine.ts";

/**
 * A machine with names of its own, run by tests as `unshare -n -m node names-world.ts DIRECTORY SECONDS`: a name server on 127.0.0.53,
 * its own resolv.conf and hosts, targets and a destination that have names, and an agent that scrapes for so many seconds. What came
 * of it is one line of JSON on standard output.
 */

/** One target, as the agent and the target itself saw it. */
interface NamedTarget {
  readonly url: string;
  readonly health: string;
  readonly outcome: string | undefined;
  /** Once each healthy target had been scraped. */
  readonly missedTicks: number;
  /** Times of requests, milliseconds from the first request to any target. */
  readonly hits: readonly number[];
}

export interface NamesReport {
  readonly targets: readonly NamedTarget[];
  /** Times of deliveries, as those of hits. */
  readonly writes: readonly number[];
  /** Questions for one name of each kind. */
  readonly questions: Readonly<Record<string, number>>;
}

const SILENT_NAMES = 100;
const PORT = 8080;

/** Host of a URL and how many targets it has. */
const HEALTHY: readonly (readonly [string, number])[] = [
  ["127.0.0.1", 2],
  ["[::1]", 2],
  ["localhost", 4],
  ["web.localhost", 2],
  ["in-hosts", 4],
  ["hosts.both.test", 2],
  ["db.shop", 4],
  ["db.shop.svc.k8s.test.", 2],
  ["alias", 2],
  ["dual.test", 2],
  ["dead-first.test", 2],
  ["no-aaaa.test", 2],
];

const ZONE: Readonly<Record<string, DnsRecords>> = {
  "db.shop.svc.k8s.test": { a: ["127.0.0.1"] },
  "alias.shop.svc.k8s.test": { cname: "db.shop.svc.k8s.test" },
  // Nothing leads there.
  "dual.test": { a: ["127.0.0.2"], aaaa: ["2001:db8::1"], ttl: 5 },
  // The first SYN to each but the last goes nowhere.
  "dead-first.test": { a: ["10.9.9.9", "10.9.9.10", "127.0.0.3"], ttl: 5 },
  "no-aaaa.test": { a: ["127.0.0.1"], silent: ["AAAA"], ttl: 5 },
  "dataway.test": { a: ["127.0.0.1"], ttl: 5 },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , directory = "", seconds = ""] = process.argv;
  makeMachine(directory);
  const report = await run(directory, Number(seconds));
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
}

async function run(directory: string, seconds: number): Promise<NamesReport> {
  const silent = Array.from({ length: SILENT_NAMES }, (_, at) => `slow${at}.test`);
  const full = silent.flatMap((name) => [name, ...SEARCH.map((domain) => `${name}.${domain}`)]);
  const zone = { ...ZONE, ...Object.fromEntries(full.map((name) => [name, SILENT])) };
  const dns = await DnsServer.start(zone, "127.0.0.53", 53);
  const { hits, writes } = await serve();
  const healthy = HEALTHY.flatMap(([host, count]) =>
    Array.from({ length: count }, (_, at) => `http://${host}:${PORT}/${host}/${at}`),
  );
  const urls = [...healthy, ...silent.map((name) => `http://${name}:1/`)];
  const confDirectory = join(directory, "conf.d");
  mkdirSync(confDirectory);
  writeFileSync(join(confDirectory, "all.conf"), urls.map(dropIn).join(""));
  const program = fileURLToPath(new URL("../../bin/promline", import.meta.url));
  const env = {
    PATH: process.env["PATH"],
    HOME: directory,
    ENV_DATAWAY: `http://dataway.test:${PORT}?token=tkn_00000000000000000000000000000000`,
    ENV_HTTP_LISTEN: "127.0.0.1:9529",
    ENV_IO_FLUSH_INTERVAL: "1s",
    // Whatever the test's machine calls itself, its search list is that of resolv.conf.
    ENV_K8S_NODE_NAME: "node",
  };
  const agent = spawn(program, ["run", "--conf-dir", confDirectory], {
    cwd: directory,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const endMs = performance.now() + seconds * 1000;
  while (healthy.some((url) => !hits.has(pathOf(url))) && performance.now() < endMs) {
    await delay(100);
  }
  const first = await targetsPage();
  await delay(Math.max(0, endMs - performance.now()));
  const last = await targetsPage();
  agent.kill("SIGKILL");
  const asked = (name: string) =>
    dns.questions.filter((question) => question.startsWith(`A ${name} `)).length;
  return {
    targets: targetsOf(first, last, hits),
    writes,
    questions: Object.fromEntries(
      ["db.shop.svc.k8s.test", "slow0.test.shop.svc.k8s.test", "localhost", "in-hosts"].map(
        (name) => [name, asked(name)],
      ),
    ),
  };
}

function dropIn(url: string): string {
  return `[[inputs.prom]]\nurls = ["${url}"]\ninterval = "2s"\ntimeout = "1900ms"\n`;
}

/** Targets and destination on one port. */
async function serve() {
  const hits = new Map<string, number[]>();
  const writes: number[] = [];
  let firstMs: number | undefined;
  const server = createServer((request, response) => {
    firstMs ??= performance.now();
    const atMs = Math.round(performance.now() - firstMs);
    if (request.method === "POST") {
      writes.push(atMs);
      request.resume().on("end", () => response.end());
      return;
    }
    const url = decodeURIComponent(request.url ?? "/");
    hits.set(url, [...(hits.get(url) ?? []), atMs]);
    // Every other target is connected to anew for each scrape, and so looked up.
    response.shouldKeepAlive = url.endsWith("0");
    response.end("requests_total 1\n");
  });
  await new Promise<void>((resolve) => server.listen(PORT, "::", resolve));
  return { hits, writes };
}

interface ActiveTarget {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly promline: {
    readonly missedTicks: Readonly<Record<string, number>>;
    readonly lastScrape?: { readonly outcome: string };
  };
}

async function targetsPage(): Promise<readonly ActiveTarget[]> {
  const answer = await fetch("http://127.0.0.1:9529/api/v1/targets");
  const page = (await answer.json()) as { data: { activeTargets: ActiveTarget[] } };
  return page.data.activeTargets;
}

function targetsOf(
  first: readonly ActiveTarget[],
  last: readonly ActiveTarget[],
  hits: ReadonlyMap<string, number[]>,
): NamedTarget[] {
  const missed = (targets: readonly ActiveTarget[], url: string) =>
    Object.values(targets.find(({ scrapeUrl }) => scrapeUrl === url)?.promline.missedTicks ?? {});
  return last.map(({ scrapeUrl: url, health, promline }) => ({
    url,
    health,
    outcome: promline.lastScrape?.outcome,
    missedTicks: sum(missed(last, url)) - sum(missed(first, url)),
    hits: hits.get(pathOf(url)) ?? [],
  }));
}

function pathOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
