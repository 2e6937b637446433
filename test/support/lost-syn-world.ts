import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/clock.ts";
import { HTTP_DEFAULTS } from "../../src/delivery/delivery-settings.ts";
import { HttpConnections } from "../../src/delivery/send/http-connections.ts";
import { exchange } from "../../src/delivery/send/http-exchange.ts";
import { callApi } from "../../src/discovery/kubernetes/api/api-client.ts";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import { get, request } from "../fetch/fetch-case.ts";
import { RecordingSink } from "../fetch/recording-sink.ts";
import { DnsServer } from "./dns-server.ts";
import { bringUp, makeMachine } from "./names-machine.ts";

/**
 * Run by a test as `unshare -n -m node lost-syn-world.ts DIRECTORY`: connects to names whose addresses answer only after 600 ms, so that
 * the first SYN to each is lost and the kernel's second one, after a second, arrives. What came of it is one line of JSON.
 */

/** By what was connected to: what came of it, and milliseconds. */
export type LostSynReport = Readonly<Record<string, readonly [string, number]>>;

const PORT = 8080;
const UP_AFTER_MS = 600;
const NEVER = new AbortController().signal;

const [, , directory = ""] = process.argv;
makeMachine(directory);
await DnsServer.start(
  {
    "one.test": { a: ["10.9.9.9"] },
    "two.test": { a: ["10.9.9.10", "10.9.9.11"] },
    "dual.test": { a: ["10.9.9.12"], aaaa: ["2001:db8::1"] },
    "destination.test": { a: ["10.9.9.13", "10.9.9.14"] },
    "api.test": { a: ["10.9.9.15", "10.9.9.16"], aaaa: ["2001:db8::1"] },
  },
  "127.0.0.53",
  53,
);
const server = createServer((_request, response) => response.end("up 1\n"));
await new Promise<void>((resolve) => server.listen(PORT, "0.0.0.0", resolve));

const fetcher = new PageFetcher();
const ways: Readonly<Record<string, Promise<string>>> = {
  one: scrape("one.test"),
  two: scrape("two.test"),
  dual: scrape("dual.test"),
  destination: deliver("destination.test"),
  api: list("api.test"),
};
const report = Promise.all(
  Object.entries(ways).map(async ([name, way]) => {
    const startMs = performance.now();
    return [name, [await way, Math.round(performance.now() - startMs)]] as const;
  }),
);
await delay(UP_AFTER_MS);
for (let host = 9; host <= 16; host++) {
  bringUp(`10.9.9.${host}`);
}
const text = JSON.stringify(Object.fromEntries(await report));
process.stdout.write(`${text}\n`, () => process.exit());

async function scrape(host: string): Promise<string> {
  const outcome = await get(fetcher, request(`http://${host}:${PORT}/`), new RecordingSink(), {
    connectTimeoutMs: 4000,
    idleTimeoutMs: 4000,
  });
  return outcome.kind === "ok" ? "ok" : `${outcome.reason}: ${outcome.detail}`;
}

async function deliver(host: string): Promise<string> {
  const connections = new HttpConnections(
    { ...HTTP_DEFAULTS, timeoutMs: 4000 },
    "http://dataway.test",
    systemClock,
  );
  const options = { origin: `http://${host}:${PORT}`, path: "/", method: "GET" } as const;
  const limits = { clock: systemClock, timeoutMs: 4000, signal: NEVER };
  const end = await exchange(await connections.dispatcher(), options, limits);
  return end.kind === "answer" ? "ok" : end.kind;
}

async function list(host: string): Promise<string> {
  const timeouts = { connectMs: 4000, headMs: 4000, silenceMs: 4000 };
  const end = await callApi(
    { server: new URL(`http://${host}:${PORT}`), insecureSkipVerify: false },
    { method: "GET", path: "/", timeouts, onBytes: () => undefined },
    NEVER,
  );
  return end.kind === "ok" ? "ok" : `${end.reason}: ${end.detail}`;
}
