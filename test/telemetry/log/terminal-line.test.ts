import { expect, test } from "vitest";
import { terminalLine } from "../../../src/telemetry/log/terminal-line.ts";

function shown(message: object): string {
  const line = terminalLine(JSON.stringify({ level: 30, time: 0, msg: "m", ...message }), false);
  return line.replace(/^\d\d:\d\d:\d\d /, "");
}

test.each([
  [{}, "INFO  m\n"],
  [{ level: 60 }, "FATAL m\n"],
  [{ level: 35 }, "?     m\n"],
  [{ a: 1, b: true, c: null }, "INFO  m a=1 b=true c=null\n"],
  [{ file: "conf.d/a.conf:3" }, "INFO  m file=conf.d/a.conf:3\n"],
  [{ a: "two words" }, 'INFO  m a="two words"\n'],
  [{ a: "" }, 'INFO  m a=""\n'],
  [{ a: { b: [1] } }, 'INFO  m a={"b":[1]}\n'],
  [{ msg: 'a "quoted" word' }, 'INFO  a "quoted" word\n'],
  [{ msg: "line\n\u001b[2Jbreak" }, "INFO  line\\n\\u001b[2Jbreak\n"],
  [{ a: "\u001b[2J\u009b2J\u007f" }, 'INFO  m a="\\u001b[2J\\u009b2J\\u007f"\n'],
])("%j", (message, line) => {
  expect(shown(message)).toBe(line);
});

test("colors are set and put back", () => {
  const line = terminalLine('{"level":50,"time":0,"msg":"m"}', true);
  expect(line).toContain("\u001b[31mERROR\u001b[0m");
  expect(line.endsWith("\u001b[0m\n")).toBe(true);
});
