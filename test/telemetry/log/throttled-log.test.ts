import { expect, test } from "vitest";
import { createLog } from "../../../src/telemetry/log/log.ts";
import { ThrottledLog } from "../../../src/telemetry/log/throttled-log.ts";
import { ManualClock } from "../../manual-clock.ts";
import { LogSink } from "./log-sink.ts";

function throttled(maxKeys = 100) {
  const sink = new LogSink();
  const clock = new ManualClock();
  const log = createLog({ level: "info", form: "json", color: false }, sink);
  const throttle = new ThrottledLog(log, clock, { everyMs: 60_000, maxKeys });
  const said = () => sink.messages.map(({ msg, suppressed }) => [msg, suppressed ?? 0]);
  return { sink, clock, throttle, said };
}

test("a repeat is held back for a minute, then told with a count", () => {
  const { clock, throttle, said } = throttled();
  for (let second = 0; second < 61; second += 1) {
    throttle.say("warn", "k", "down", { second });
    clock.advance(1000);
  }
  expect(said()).toEqual([
    ["down", 0],
    ["down", 59],
  ]);
});

test("fields and level are those of the message that is told", () => {
  const { clock, throttle, sink } = throttled();
  throttle.say("warn", "k", "down", { tick: 1 });
  clock.advance(60_000);
  throttle.say("error", "k", "down", { tick: 2 });
  expect(sink.messages).toEqual([
    { level: 40, tick: 1, msg: "down" },
    { level: 50, tick: 2, msg: "down" },
  ]);
});

test("keys do not hold each other back", () => {
  const { throttle, said } = throttled();
  throttle.say("warn", "a", "A");
  throttle.say("warn", "b", "B");
  expect(said()).toEqual([
    ["A", 0],
    ["B", 0],
  ]);
});

test("more keys than it remembers: one line says so, and an old key makes room", () => {
  const { clock, throttle, said } = throttled(2);
  for (const key of ["a", "a", "b", "c", "d"]) {
    throttle.say("warn", key, key);
  }
  expect(said()).toEqual([
    ["a", 0],
    ["b", 0],
    ["too many different messages, some are not shown", 0],
  ]);
  clock.advance(60_000);
  throttle.say("warn", "e", "e");
  expect(said().slice(3)).toEqual([
    ["a", 1],
    ["too many different messages, some are not shown", 1],
    ["e", 0],
  ]);
});

test("flush tells what was held back, once", () => {
  const { throttle, said } = throttled();
  throttle.say("info", "a", "A");
  throttle.say("info", "a", "A");
  throttle.flush();
  throttle.flush();
  expect(said()).toEqual([
    ["A", 0],
    ["A", 1],
  ]);
});
