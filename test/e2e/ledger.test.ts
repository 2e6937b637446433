import { expect, test } from "vitest";
import { ledgerFaults, readLedger } from "../support/agent-ledger.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { answer, Dataway, type Verdict } from "../support/dataway.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

// 13 lines: 1 blank, 5 comments, 2 malformed, 5 samples. Of these 2 make points; the type of one and the name of another are
// filtered, and one is not a number.
const PAGE = `# HELP orders_total Orders.
# TYPE orders_total counter
orders_total{shop="a"} 1
orders_total{shop="b"} 2

# TYPE stock gauge
stock NaN
# TYPE stock_noise gauge
stock_noise 5
# TYPE wait_seconds untyped
wait_seconds 0.5
not a line at all
broken{
`;

const CONF = (url: string) => `[[inputs.prom]]
urls = ["${url}"]
source = "ledger"
interval = "1s"
metric_types = ["counter", "gauge"]
metric_name_filter_ignore = ["noise"]
`;

/** What DataWay does in turn: accepts, refuses for good, fails, and breaks the connection. */
const VERDICTS: readonly Verdict[] = [
  answer(200),
  answer(410),
  answer(503),
  answer(200),
  { kind: "reset" },
  answer(429, { "Retry-After": "1" }),
  { kind: "half" },
];

test("every line read is sent, filtered, dropped, malformed, queued or lost", async () => {
  const targets = await TargetServer.start({ "/metrics": page(PAGE) });
  const dataway = await Dataway.start({
    verdict: (_, index) => VERDICTS[index] ?? answer(200),
  });
  const agent = await AgentProcess.start({
    conf: { "ledger.conf": CONF(targets.url("/metrics")) },
    env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
  });
  const ledger = async () => readLedger(await agent.metrics());
  const refused = () =>
    dataway.writes.filter(({ verdict }) => verdict.kind === "status" && verdict.status === 410);

  const faults: string[] = [];
  await until("every verdict", 60_000, async () => {
    faults.push(...ledgerFaults(await ledger()));
    return dataway.writes.length > VERDICTS.length + 2 ? true : undefined;
  });
  expect(faults).toEqual([]);
  const settled = await until("what is sent to equal what came", 15_000, async () => {
    const found = await ledger();
    return found.queued === 0 && found.delivered === dataway.points().length ? found : undefined;
  });
  expect(settled.lost).toBe(refused().flatMap(({ points }) => points).length);
  expect(settled.lost).toBeGreaterThan(0);

  const scrapes = settled.lines / 13;
  expect(Number.isInteger(scrapes)).toBe(true);
  expect(settled).toMatchObject({
    blank: scrapes,
    comments: 5 * scrapes,
    malformed: 2 * scrapes,
    samples: 5 * scrapes,
    filtered: 2 * scrapes,
    dropped: scrapes,
    sent: 2 * scrapes,
    enqueuedSamples: 2 * scrapes,
  });
  expect(await agent.stop()).toMatchObject({ code: 0 });
  const served = targets.hits("/metrics").length;
  const delivered = dataway.points().filter(({ measurement }) => measurement === "orders");
  const lost = refused()
    .flatMap(({ points }) => points)
    .filter(({ measurement }) => measurement === "orders");
  expect(delivered.length + lost.length).toBe(2 * served);
  expect(dataway.violations).toEqual([]);
}, 90_000);
