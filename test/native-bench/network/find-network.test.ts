import { expect, test } from "vitest";
import { findNetwork } from "../../../native-bench/network/find-network.ts";
import { LOOPBACK } from "../../../native-bench/network/loopback-network.ts";
import type { Network } from "../../../native-bench/network/network.ts";

const refuse = (): Promise<Network> => Promise.reject(new Error("Operation not permitted"));

test("where namespaces are refused it is 127/8, and the title says why", async () => {
  const network = await findNetwork(undefined, refuse);
  expect(network.title).toMatch(/127\/8.*Operation not permitted/);
  expect(await network.open()).toBe(LOOPBACK);
});

test("who asks for pods does not get 127/8", async () => {
  await expect(findNetwork("pods", refuse)).rejects.toThrow("Operation not permitted");
});

test("who asks for loopback gets it without a try at namespaces", async () => {
  const network = await findNetwork("loopback", () => Promise.reject(new Error("asked")));
  expect(await network.open()).toBe(LOOPBACK);
});

test("the try leaves nothing open, each run gets a network of its own", async () => {
  const opened: string[] = [];
  const open = async (): Promise<Network> => {
    opened.push("open");
    return { ...LOOPBACK, stop: () => opened.push("stop") };
  };
  const network = await findNetwork(undefined, open);
  expect(opened).toEqual(["open", "stop"]);
  await network.open();
  expect(opened).toEqual(["open", "stop", "open"]);
});
