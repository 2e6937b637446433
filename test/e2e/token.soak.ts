import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { answer, Dataway } from "../support/dataway.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

/** Refused credentials are tried again after 30 to 60 s. */
const LONGEST_PAUSE = 75_000;

test(
  "a token corrected in its file is found while the agent runs, and nothing is lost",
  async () => {
    const targets = await TargetServer.start({ "/metrics": page("load_now 1\n") });
    const dataway = await Dataway.start({
      verdict: ({ query }) => (query.get("to") === "good" ? answer(200) : answer(401)),
    });
    const file = join(scratchDirectory("token"), "to");
    writeFileSync(file, "bad\n");
    const agent = await AgentProcess.start({
      conf: {
        "token.conf": `[[inputs.prom]]\nurls = ["${targets.url("/metrics")}"]\ninterval = "1s"\n`,
      },
      env: {
        ENV_DATAWAY: `${dataway.url}&to=ENC[file://${file}]`,
        ENV_IO_FLUSH_INTERVAL: "1s",
      },
    });
    await until("a refusal", 15_000, async () => dataway.writes[0]);
    const [refused] = dataway.writes;
    writeFileSync(file, "good\n");
    await until("the same points", LONGEST_PAUSE, async () =>
      dataway.accepted.some(({ headers }) => headers["x-pkg-id"] === refused?.headers["x-pkg-id"])
        ? true
        : undefined,
    );
    const { code } = await agent.stop();
    expect(code).toBe(0);
    expect(agent.logs().filter(({ msg }) => msg === "points are lost")).toEqual([]);
  },
  LONGEST_PAUSE + 40_000,
);
