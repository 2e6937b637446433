import { expect, test } from "vitest";
import { StopRequest } from "../src/stop-request.ts";

test.each([
  ["one signal", [0], ["stop"]],
  ["that of GNU timeout comes twice", [0, 3], ["stop", "same"]],
  ["npm and the terminal, three within half a second", [0, 3, 499], ["stop", "same", "same"]],
  ["a later one hurries", [0, 500], ["stop", "hurry"]],
  ["twins of both", [0, 3, 700, 703], ["stop", "same", "hurry", "same"]],
  ["a third one ends it", [0, 500, 1000], ["stop", "hurry", "force"]],
  ["and so do all after it", [0, 500, 1000, 1500], ["stop", "hurry", "force", "force"]],
  ["half a second counts from the first of them", [0, 400, 600], ["stop", "same", "hurry"]],
])("%s", (_name, times, wishes) => {
  const request = new StopRequest();
  expect(times.map((atMs) => request.signal(atMs))).toEqual(wishes);
});
