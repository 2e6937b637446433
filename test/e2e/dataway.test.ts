import { expect, test } from "vitest";
import { ledgerFaults, readLedger } from "../support/agent-ledger.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { Dataway } from "../support/dataway.ts";
import type { Point } from "../support/line-protocol.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const AHEAD_MS = 90_000;

const CONF = (url: string) =>
  `[[inputs.prom]]\nurls = ["${url}"]\ninterval = "1s"\n[inputs.prom.tags]\nzone = "z"\n`;

const PAGE = 'load_one{app="a"} 1\nload_one{app="b"} 2\nload_old{app="a"} 3 1600000000000\n';

/** How far ahead of this machine's clock the write's points are, in milliseconds; those of the opening scrape may not be. */
function aheadOf(point: Point, at: number): number {
  return Number((point.time ?? 0n) / 1_000_000n) - at;
}

test("times follow the clock of a DataWay that is ahead, and bodies its sinker's tags", async () => {
  const targets = await TargetServer.start({ "/metrics": page(PAGE) });
  const dataway = await Dataway.start({ aheadMs: AHEAD_MS });
  const agent = await AgentProcess.start({
    conf: { "load.conf": CONF(targets.url("/metrics")) },
    env: {
      ENV_DATAWAY: dataway.url,
      ENV_IO_FLUSH_INTERVAL: "1s",
      ENV_HOSTNAME: "n1",
      ENV_DATAWAY_ENABLE_SINKER: "true",
      ENV_SINKER_GLOBAL_CUSTOMER_KEYS: "app",
    },
  });
  const shifted = () =>
    dataway.accepted.filter(({ points, at }) =>
      points.every((point) => aheadOf(point, at) > AHEAD_MS / 2),
    );
  await until("points of the shifted clock", 30_000, () =>
    shifted().length >= 6 ? true : undefined,
  );
  const metrics = await agent.metrics();
  expect(ledgerFaults(readLedger(metrics))).toEqual([]);
  expect(metrics.find(({ name }) => name === "promline_clock_shift_seconds")?.value).toBe(90);
  expect(await agent.stop()).toMatchObject({ code: 0 });
  expect(dataway.violations).toEqual([]);
  expect(dataway.questions.map(({ headers }) => headers["x-global-tags"])).toEqual(["host=n1"]);

  for (const { points, at, headers } of shifted()) {
    for (const point of points) {
      expect(Math.abs(aheadOf(point, at) - AHEAD_MS)).toBeLessThan(5000);
      const app = point.tags.get("app");
      const tags = app === undefined ? "host=n1" : `app=${app},host=n1`;
      expect(headers["x-global-tags"]).toBe(tags);
    }
  }
  const tagsSeen = new Set(dataway.accepted.map(({ headers }) => headers["x-global-tags"]));
  expect(tagsSeen).toEqual(new Set(["app=a,host=n1", "app=b,host=n1", "host=n1"]));
  const old = dataway.points().filter(({ fields }) => fields.has("old"));
  expect(old.length).toBeGreaterThan(0);
  for (const { fields } of old) {
    expect(fields.get("__orig_time")).toEqual({ type: "int", value: 1_600_000_000_000_000_000n });
  }
});
