import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { HTTP_DEFAULTS } from "../../../src/delivery/delivery-settings.ts";
import { HttpConnections } from "../../../src/delivery/send/http-connections.ts";
import { exchange, type HttpEnd } from "../../../src/delivery/send/http-exchange.ts";
import { networkFault } from "../../../src/delivery/send/network-fault.ts";
import { type Script, serve } from "../../fetch/scripted-server.ts";
import { ManualClock, until } from "../manual-clock.ts";

const NEVER = new AbortController().signal;

/** One connection to a server that writes these bytes as its answers. */
async function client(script: Script) {
  const server = await serve(script);
  const settings = { ...HTTP_DEFAULTS, concurrency: 1 };
  const connections = new HttpConnections(settings, server.url, systemClock);
  onTestFinished(async () => {
    await connections.close();
    await server.close();
  });
  const ask = async (clock = systemClock): Promise<HttpEnd> =>
    exchange(
      await connections.dispatcher(),
      { origin: server.url, path: "/", method: "POST" },
      { clock, timeoutMs: 5000, signal: NEVER },
    );
  return { server, ask };
}

async function answered(text: string): Promise<HttpEnd> {
  const { ask } = await client((socket) => socket.write(text, "latin1"));
  return ask();
}

async function reasonOf(text: string): Promise<string> {
  const { ask } = await client((socket) => socket.end(text, "latin1"));
  const end = await ask();
  return end.kind === "fault" ? networkFault(end.error) : end.kind;
}

test.for([100, 102, 103])("an interim answer %i is taken, asked for or not", async (status) => {
  const interim = `HTTP/1.1 ${status} Wait\r\n\r\n`;
  const { server, ask } = await client((socket) => {
    socket.write(interim);
    setImmediate(() => socket.write(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`));
  });
  expect(await ask()).toMatchObject({ kind: "answer", status: 200, text: "ok" });
  expect(await ask()).toMatchObject({ kind: "answer", status: 200, text: "ok" });
  expect(server.accepted()).toBe(1);
});

test("a header with control bytes does not hide the status", async () => {
  const head = "HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: bad \u0001 line\r\n";
  expect(await answered(`${head}content-length: 0\r\n\r\n`)).toMatchObject({
    status: 400,
    influxError: "bad   line",
  });
});

test.for([
  ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["a status line that is none", "HTTP/1.1 abc\r\n\r\n"],
  [
    "a change of protocol",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  ],
  ["a head without end", `HTTP/1.1 200 OK\r\nA: ${"x".repeat(80_000)}`],
] as const)("%s is protocol", async ([, text]) => {
  expect(await reasonOf(text)).toBe("protocol");
});

test("a body that never ends is waited for a second after its head, no longer", async () => {
  const { ask } = await client((socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nslow"),
  );
  const clock = new ManualClock();
  let ended: HttpEnd | undefined;
  void ask(clock).then((end) => {
    ended = end;
  });
  // The wait for the head is over, and that for the body has begun.
  await until(() => clock.nextMs === 1000);
  await clock.advance(999);
  expect(ended).toBeUndefined();
  await clock.advance(1);
  expect(ended).toMatchObject({ kind: "answer", status: 200, text: "slow" });
  expect(clock.sleepers).toBe(0);
});

test("a body that pours is cut, and the next request has a connection of its own", async () => {
  const { server, ask } = await client((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(200_000)}`);
  });
  expect(await ask()).toMatchObject({ kind: "answer", status: 200 });
  expect(await ask()).toMatchObject({ kind: "answer", status: 200 });
  expect(server.accepted()).toBe(2);
});
