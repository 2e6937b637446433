import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { CHECKOUT } from "../support/agent-process.ts";
import { freePort } from "../support/free-port.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { until } from "../support/until.ts";

const { O_RDWR, O_NONBLOCK } = constants;

/** A FIFO that is full to the last byte: whoever writes waits. */
function fullFifo(directory: string): { readonly path: string; readonly fill: number } {
  const path = join(directory, "log");
  execFileSync("/usr/bin/mkfifo", [path]);
  const fill = openSync(path, O_RDWR | O_NONBLOCK);
  onTestFinished(() => closeSync(fill));
  for (const size of [4096, 1]) {
    try {
      for (;;) {
        writeSync(fill, Buffer.alloc(size, "x"));
      }
    } catch {
      // Full.
    }
  }
  return { path, fill };
}

function readAll(descriptor: number): string {
  const chunk = Buffer.alloc(65_536);
  let text = "";
  try {
    for (;;) {
      text += chunk.toString("utf8", 0, readSync(descriptor, chunk));
    }
  } catch {
    return text;
  }
}

/** An agent that scrapes itself, whose standard output is `path` opened so that writing waits. */
async function agentWritingTo(path: string, both: boolean) {
  const directory = scratchDirectory("stalled");
  const listen = `127.0.0.1:${await freePort()}`;
  mkdirSync(join(directory, "conf.d"));
  writeFileSync(
    join(directory, "conf.d/self.conf"),
    `[[inputs.prom]]\nurls = ["http://${listen}/metrics"]\ninterval = "1s"\n`,
  );
  const output = openSync(path, O_RDWR);
  const child = spawn(join(CHECKOUT, "bin/promline"), ["run", "--conf-dir", "conf.d"], {
    cwd: directory,
    env: { PATH: process.env["PATH"], ENV_HTTP_LISTEN: listen, ENV_LOG_LEVEL: "debug" },
    stdio: ["ignore", output, both ? output : "ignore"],
  });
  closeSync(output);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const ask = async (page: string) => {
    const answer = await fetch(`http://${listen}${page}`, { signal: AbortSignal.timeout(2000) });
    return { ok: answer.ok, text: await answer.text() };
  };
  return { directory, child, ended, ask };
}

async function metric(ask: (page: string) => Promise<{ text: string }>, name: string) {
  const { text } = await ask("/metrics");
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (.*)$`, "m").exec(text)?.[1] ?? 0);
}

test.each([
  ["standard output", false],
  ["both outputs", true],
])("a full FIFO as %s stops neither delivery nor probes nor the stop", async (_name, both) => {
  const { path } = fullFifo(scratchDirectory("fifo"));
  const { ask, child, ended } = await agentWritingTo(path, both);
  await until("ready", 20_000, async () => ((await ask("/-/ready")).ok ? true : undefined));
  await until("delivery", 20_000, async () =>
    (await metric(ask, "promline_delivery_sent_points_total")) > 0 ? true : undefined,
  );
  child.kill("SIGTERM");
  const [code] = await Promise.race([ended, delay(10_000, ["still there"])]);
  expect(code).toBe(0);
});

test("when the reader comes back it gets what waited", async () => {
  const { path, fill } = fullFifo(scratchDirectory("fifo"));
  const { ask, child, ended } = await agentWritingTo(path, false);
  await until("ready", 20_000, async () => ((await ask("/-/ready")).ok ? true : undefined));
  let text = "";
  await until("the log", 10_000, () => {
    text += readAll(fill);
    return text.includes("promline runs") ? true : undefined;
  });
  child.kill("SIGTERM");
  const [code] = await ended;
  text += readAll(fill);
  expect(code).toBe(0);
  expect(text).toContain("promline stopped");
});
