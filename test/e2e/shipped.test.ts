import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { Dataway } from "../support/dataway.ts";
import { metricSum } from "../support/metrics-page.ts";
import { IS_SHIPPED, PROGRAM, PROGRAM_ENV } from "../support/program.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const KIND = IS_SHIPPED ? "compiled" : "source";
/** Where a gzip member names the system it was made on (RFC 1952, 2.3.1), and what our encoder and zlib say there. */
const SYSTEM_AT = 9;
const UNKNOWN_SYSTEM = 255;

test("the program under test is the kind that is meant, with all of its parts", async () => {
  const child = new Child(PROGRAM, ["version", "--verbose"], { env: PROGRAM_ENV });
  expect(await child.exited, child.report).toMatchObject({ code: 0 });
  expect(child.stdout).toContain(`build:    ${KIND}\nkernel:   yes\ndeflate:  yes\n`);
});

test("the agent remembers series and compresses by its own encoder", async () => {
  const target = await TargetServer.start({ "/metrics": page('shipped_total{part="a"} 1\n') });
  const dataway = await Dataway.start();
  const agent = await AgentProcess.start({
    conf: {
      "one.conf": `[[inputs.prom]]\nurls = ["${target.url("/metrics")}"]\ninterval = "1s"\n`,
    },
    env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
  });
  const writes = await until("two writes", 20_000, () =>
    dataway.accepted.length >= 2 ? dataway.accepted : undefined,
  );
  expect(writes.map(({ wire }) => wire[SYSTEM_AT])).toEqual(writes.map(() => UNKNOWN_SYSTEM));
  const metrics = await agent.metrics();
  expect(metricSum(metrics, "promline_replay_enabled")).toBe(1);
  expect(metricSum(metrics, "promline_deflate_enabled")).toBe(1);
  expect(metricSum(metrics, "promline_inflate_enabled")).toBe(1);
  expect(await agent.build()).toMatchObject({ kind: KIND, replay: true, deflate: true });
  expect(await agent.stop()).toMatchObject({ code: 0 });
});
