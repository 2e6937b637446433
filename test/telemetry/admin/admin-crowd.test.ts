import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { AdminServer } from "../../../src/telemetry/admin/admin-server.ts";

const CLIENTS = 500;
const LARGE = "x".repeat(2_000_000);

async function serving(): Promise<number> {
  const server = new AdminServer({
    listen: "127.0.0.1:0",
    clock: systemClock,
    trouble: () => {},
    source: {
      metrics: async () => LARGE,
      targets: () => {
        throw new Error("not asked");
      },
      relabel: () => ({ status: 200, content: {} }),
      notReady: () => undefined,
    },
  });
  const started = await server.start(new AbortController().signal);
  onTestFinished(() => server.stop());
  return started.kind === "listening" ? started.port : 0;
}

/** Connects from an address of this machine, sends `text`, reads nothing unless `reads`, and stays. */
async function hang(port: number, localAddress: string, text: string, reads: boolean) {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await Promise.race([once(socket, "connect"), once(socket, "close")]);
  socket.write(text);
  if (reads) {
    socket.resume();
  }
  return socket;
}

async function health(port: number): Promise<string> {
  const socket: Socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  socket.write("GET /-/healthy HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  return Buffer.concat(await socket.toArray()).toString();
}

const WHOLE = "HTTP/1.1\r\nHost: h\r\n\r\n";

test.each([
  ["idle after they connected", "", false],
  ["in the midst of a request", "GET /-/healthy HTTP/1.1\r\nHo", true],
  ["keeping their connection after one answer", `GET /-/healthy ${WHOLE}`, true],
  ["reading nothing of a large answer", `GET /metrics ${WHOLE}`, false],
])("500 clients %s keep no probe out", { timeout: 60_000 }, async (_name, text, reads) => {
  for (const addressOf of [
    () => "127.0.0.1",
    (index: number) => `127.0.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`,
  ]) {
    const port = await serving();
    for (let index = 0; index < CLIENTS; index += 1) {
      await hang(port, addressOf(index), text, reads);
    }
    for (let probe = 0; probe < 3; probe += 1) {
      expect(await health(port)).toMatch(/^HTTP\/1\.1 200 /);
    }
  }
});
