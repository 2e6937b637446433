import { MessageChannel } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import type { NameAnswer, Names } from "../../src/dial/names.ts";
import { RemoteNames, serveNames } from "../../src/dial/names-port.ts";

test("names of another thread are asked by message, and each gets its own answer", async () => {
  const said: string[] = [];
  const waiting = new Map<string, (answer: NameAnswer) => void>();
  const names: Names = {
    lookup: (host) => new Promise((resolve) => waiting.set(host, resolve)),
    worked: (host, address) => void said.push(`${host} ${address}`),
    failed: (host) => void said.push(`${host} failed`),
  };
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  serveNames(port1, names);
  const remote = new RemoteNames(port2);
  // Nobody waits for a port of names, so the test does.
  port1.ref();
  const [slow, good] = [remote.lookup("slow"), remote.lookup("db")];
  remote.worked("db", "10.0.0.1");
  remote.failed("x");
  await expect.poll(() => said).toEqual(["db 10.0.0.1", "x failed"]);
  waiting.get("db")?.({ kind: "addresses", addresses: ["10.0.0.1"] });
  expect(await good).toEqual({ kind: "addresses", addresses: ["10.0.0.1"] });
  const fault: NameAnswer = { kind: "fault", code: "EAI_AGAIN", detail: "silence" };
  waiting.get("slow")?.(fault);
  expect(await slow).toEqual(fault);
});
