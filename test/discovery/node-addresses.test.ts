import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { NodeAddresses } from "../../src/discovery/node-addresses.ts";
import { SECOND } from "../../src/units.ts";
import { ManualClock } from "../manual-clock.ts";

/** A node with these interfaces and pods. */
function nodeWith(interfaces: readonly string[], pods: readonly string[] = []): NodeAddresses {
  const node = new NodeAddresses({
    clock: systemClock,
    interfaces: () => interfaces,
    changed: () => undefined,
  });
  node.setPods(pods);
  return node;
}

const NODE = nodeWith(
  ["10.0.0.5", "fe80::1c2b", "fd00::5"],
  ["10.244.1.7", "FD00:0:0:1::7", "10.0.0.6"],
);

test.for([
  "localhost",
  "web.localhost",
  "127.0.0.1",
  "127.9.9.9",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:10.0.0.5]",
  "0.0.0.0",
  "[::]",
  "10.0.0.5",
  "[fd00::5]",
  "[fe80::1c2b]",
  "10.244.1.7",
  "[fd00:0:0:1::7]",
  "[::ffff:10.244.1.7]",
  "10.0.0.6",
])("%s is on this node", (host) => {
  expect(NODE.has(new URL(`http://${host}/`).hostname)).toBe(true);
});

test.for([
  "10.0.0.7",
  "10.244.1.70",
  "[fd00::6]",
  "127.example.test",
  "localhost.example",
  "notlocalhost",
  "node-1.example",
])("%s is elsewhere, or may be", (host) => {
  expect(NODE.has(new URL(`http://${host}/`).hostname)).toBe(false);
});

test("pods that have gone are elsewhere", () => {
  const node = nodeWith([], ["10.244.1.7"]);
  node.setPods(["10.244.1.8"]);
  expect(["10.244.1.7", "10.244.1.8"].map((host) => node.has(host))).toEqual([false, true]);
});

test("interfaces are read now and then, and what changes is told once", async () => {
  const clock = new ManualClock();
  let interfaces = ["10.0.0.5"];
  let changes = 0;
  const node = new NodeAddresses({
    clock,
    interfaces: () => interfaces,
    changed: () => {
      changes++;
    },
  });
  node.start();
  await clock.advance(60 * SECOND);
  expect(changes).toBe(0);
  interfaces = ["10.0.0.5", "10.0.0.9"];
  await clock.advance(60 * SECOND);
  expect(changes).toBe(1);
  expect(node.has("10.0.0.9")).toBe(true);
  await node.stop();
});

test("the interfaces of this machine are on it", () => {
  const node = new NodeAddresses({ clock: systemClock, changed: () => undefined });
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const hosts = all.map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));
  expect(hosts.filter((host) => !node.has(new URL(`http://${host}/`).hostname))).toEqual([]);
});
