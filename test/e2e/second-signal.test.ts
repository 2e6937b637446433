import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { answer, Dataway, type Verdict } from "../support/dataway.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

/** What the first signal gives to requests under way. */
const PATIENCE_MS = 4_000;

const CONF = (...urls: string[]) =>
  urls.map((url) => `[[inputs.prom]]\nurls = ["${url}"]\ninterval = "1s"\n`).join("");

test("a second SIGTERM ends waiting, and what was under way arrives after the next start", async () => {
  let verdict: Verdict = { kind: "hang" };
  const targets = await TargetServer.start({
    "/well": page("load 1\n"),
    "/slow": { kind: "hang" },
  });
  const dataway = await Dataway.start({ verdict: () => verdict });
  const start = (directory?: string) =>
    AgentProcess.start({
      conf: { "stop.conf": CONF(targets.url("/well"), targets.url("/slow")) },
      env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
      ...(directory === undefined ? {} : { directory }),
    });
  const agent = await start();
  await until("a request that hangs", 15_000, async () => dataway.writes[0]);
  const begun = performance.now();
  agent.child.kill("SIGTERM");
  await delay(600);
  const { code } = await agent.stop("SIGTERM");
  expect(code).toBe(0);
  expect(performance.now() - begun).toBeLessThan(PATIENCE_MS / 2);
  expect(agent.logs().filter(({ msg }) => /not delivered|lost/.test(String(msg)))).toEqual([]);

  const waiting = dataway.writes.flatMap(({ points }) => points).map(({ time }) => time);
  verdict = answer(200);
  const next = await start(agent.directory);
  await until("what was under way", 15_000, async () => {
    const arrived = new Set(dataway.points().map(({ time }) => time));
    return waiting.every((at) => arrived.has(at)) ? true : undefined;
  });
  await next.stop();
});
