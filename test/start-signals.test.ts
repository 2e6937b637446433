import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { StartSignals } from "../src/start-signals.ts";

test("signals of the start are kept until somebody obeys, later ones are told at once", () => {
  const source = new EventEmitter();
  const signals = new StartSignals(source as unknown as NodeJS.Process);
  source.emit("SIGHUP");
  source.emit("SIGTERM");
  const told: string[] = [];
  signals.obeyWith((name) => told.push(name));
  expect(told).toEqual(["SIGHUP", "SIGTERM"]);
  source.emit("SIGINT");
  expect(told).toEqual(["SIGHUP", "SIGTERM", "SIGINT"]);
});

test("a signal has the time it came at, not that of being told", () => {
  const signals = new StartSignals(new EventEmitter() as unknown as NodeJS.Process);
  signals.receive("SIGTERM", 10);
  signals.receive("SIGTERM", 13);
  const times: number[] = [];
  signals.obeyWith((_name, atMs) => times.push(atMs));
  expect(times).toEqual([10, 13]);
});
