import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { CHECKOUT } from "../support/agent-process.ts";
import { Child } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { type Point, readLineProtocol } from "../support/line-protocol.ts";
import { upValues, withTags } from "../support/point-selection.ts";
import { IS_SHIPPED, PROGRAM, PROGRAM_ENV } from "../support/program.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const SAMPLES = 500;
const PAGE = Array.from({ length: SAMPLES }, (_, i) => `quick_start{n="${i}"} ${i}\n`).join("");

test("the quick start has data within 5 s and loses nothing at Ctrl-C", async () => {
  const directory = scratchDirectory("quickstart");
  const targets = await TargetServer.start({ "/metrics": page(PAGE) });
  const listen = `127.0.0.1:${await freePort()}`;
  mapBundledDropIns(directory, listen);
  writeFileSync(
    join(directory, "conf.d", "more.conf"),
    `[[inputs.prom]]\n  urls = ["${targets.url("/metrics")}"]\n  source = "more"\n  interval = "1s"\n`,
  );
  const [program = "", ...args] = startCommand();
  const started = performance.now();
  const env = { ...PROGRAM_ENV, HOME: directory, ENV_HTTP_LISTEN: listen };
  const agent = new Child(program, args, { cwd: directory, env });
  const points = () => dataPoints(join(directory, "data"));
  const own = () => points().filter(({ tags }) => tags.get("instance") === listen);
  await until("its own metrics in ./data", 15_000, () => {
    agent.throwIfEnded();
    return own().length > 20 ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${agent.report}`);
  });
  expect(performance.now() - started).toBeLessThan(5000);

  // In the middle between two scrapes of the other target: what it served by then has to be in the file at the end.
  await until("three scrapes", 10_000, () => targets.hits("/metrics")[2]);
  const hits = targets.hits("/metrics").length;
  await until("one more scrape", 5000, () => targets.hits("/metrics")[hits]);
  await delay(400);
  const asked = performance.now();
  expect(await agent.stop("SIGINT", 15_000)).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(5000);
  const served = targets.hits("/metrics").length;
  expect(upValues(points(), "more")).toEqual(Array(served).fill("1"));
  const instance = { instance: targets.address };
  const samples = withTags(points(), instance).filter(({ measurement }) => measurement === "quick");
  expect(samples).toHaveLength(served * SAMPLES);
  // One line a flush on the terminal.
  expect(agent.stdout + agent.stderr).toMatch(/points/);
});

/** What `npm start` runs, with the program under test; elsewhere, so that `./data` is not the checkout's. */
function startCommand(): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8"));
  const [program = "", ...args] = String(manifest.scripts.start).split(" ");
  return [IS_SHIPPED ? PROGRAM : join(CHECKOUT, program), ...args];
}

/** The bundled drop-ins, with the agent's own address at a port that is free here. */
function mapBundledDropIns(directory: string, listen: string): void {
  cpSync(join(CHECKOUT, "conf.d"), join(directory, "conf.d"), { recursive: true });
  for (const name of readdirSync(join(directory, "conf.d"))) {
    const path = join(directory, "conf.d", name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/(127\.0\.0\.1|localhost):9529/g, listen));
  }
}

function dataPoints(directory: string): readonly Point[] {
  if (!existsSync(directory)) {
    return [];
  }
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    .flatMap((bytes) => readLineProtocol(wholeLines(bytes)));
}

/** Up to the last line end: the rest of a line may be on its way to the disk. */
function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}
