import { expect, test } from "vitest";
import { kernelState } from "../../../native-bench/contenders/promline-kernel.ts";

const WARNING = '{"level":"warn","msg":"series are not remembered: scrapes cost more"}';

test.each([
  ["promline_replay_enabled 1\n", "", "kernel active (promline_replay_enabled 1)"],
  ["# TYPE x gauge\npromline_replay_enabled 0\n", "", "kernel missing (promline_replay_enabled 0)"],
  [
    'promline_replay_enabled{reason="no_simd"} 0\n',
    "",
    "kernel missing (promline_replay_enabled 0)",
  ],
  ["promline_scrapes_total 3\n", WARNING, "kernel missing (by its log)"],
  ["promline_scrapes_total 3\n", "started", "kernel active (by its log)"],
])("of %j and the log %j: %s", (metrics, log, state) => {
  expect(kernelState(metrics, log)).toBe(state);
});
