import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createLog, type LogLevel } from "../../../src/telemetry/log/log.ts";
import { LogSink } from "./log-sink.ts";

function logging(level: LogLevel = "info", form: "json" | "terminal" = "json") {
  const sink = new LogSink();
  return { sink, log: createLog({ level, form, color: false }, sink) };
}

test("one JSON object a line: level, time, message, fields", () => {
  const { sink, log } = logging();
  log.info({ target: "t", samples: 3 }, "scraped");
  expect(sink.messages).toEqual([{ level: 30, target: "t", samples: 3, msg: "scraped" }]);
  expect(JSON.parse(sink.text).time).toBeTypeOf("number");
});

test("below the level nothing is written", () => {
  const { sink, log } = logging("warn");
  log.info("not this");
  log.warn("this");
  expect(sink.messages.map(({ msg }) => msg)).toEqual(["this"]);
});

test("the belt covers fields, texts, children, and errors of any kind", () => {
  const { sink, log } = logging();
  const url = "http://user:canary@h/?token=canary";
  log.info({ url }, `asking ${url}`);
  log.info("asking %s", url);
  log.child({ a: 1 }).child({ url }).info("child");
  log.error(new Error(`refused ${url}`));
  log.error(new Error(`refused ${url}`), `text ${url}`);
  log.error({ err: new Error(`refused ${url}`) }, "failed");
  expect(sink.messages).toHaveLength(6);
  expect(sink.messages[3]).toMatchObject({
    msg: "refused http://***@h/?token=***",
    err: { type: "Error" },
  });
  expect(sink.text).not.toContain("canary");
  expect(sink.text.match(/\*\*\*@h/g)?.length).toBeGreaterThanOrEqual(9);
});

test("the form for people", () => {
  const { sink, log } = logging("info", "terminal");
  log.warn({ file: "a.conf" }, "kept the last good version");
  expect(sink.text).toMatch(/^\d\d:\d\d:\d\d WARN {2}kept the last good version file=a.conf\n$/);
});

test("what was logged right before a crash is there", () => {
  const source = (path: string) =>
    JSON.stringify(fileURLToPath(new URL(`../../../src/${path}`, import.meta.url)));
  const program = `import { systemClock as clock } from ${source("clock.ts")};
    import { LineOutput } from ${source("line-output.ts")};
    import { nonBlockingWrite } from ${source("non-blocking-write.ts")};
    import { createLog } from ${source("telemetry/log/log.ts")};
    const output = new LineOutput({ clock, write: nonBlockingWrite(1), maxWaitingBytes: 2 ** 20 });
    const log = createLog({ level: "info", form: "json", color: false }, output);
    for (let i = 0; i < 2000; i += 1) log.info({ i }, "line");
    await output.flush(10_000);
    process.kill(process.pid, "SIGKILL");`;
  const { signal, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  expect(signal).toBe("SIGKILL");
  expect(stdout.trim().split("\n")).toHaveLength(2000);
});
