import http from "node:http";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import type { TargetsOrder } from "../../../native-bench/servers/server-messages.ts";
import { TargetServer } from "../../../native-bench/servers/target-server.ts";
import { sampleLines } from "../workload/page-shape.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) {
    stop();
  }
});

test("each target has its own address and page, which moves from scrape to scrape", async () => {
  const { server, port } = await serve("identity");
  const first = await get("127.0.1.1", port);
  const other = await get("127.0.1.2", port);
  const second = await get("127.0.1.1", port);
  expect(sampleLines(first.body).length).toBe(200);
  expect(first.body.equals(other.body)).toBe(false);
  expect(first.body.equals(second.body)).toBe(false);
  const bytes = [first, other, second].reduce((sum, { body }) => sum + body.length, 0);
  expect(server.count()).toMatchObject({
    asked: 3,
    scrapes: 3,
    samples: 600,
    kept: 600,
    bytes,
    waiting: 0,
  });
});

test("compresses only where it is told to", async () => {
  const plain = await serve("identity");
  expect((await get("127.0.1.1", plain.port, "gzip")).encoding).toBeUndefined();
  const negotiating = await serve("negotiate");
  const answer = await get("127.0.1.1", negotiating.port, "gzip");
  expect(answer.encoding).toBe("gzip");
  expect(sampleLines(gunzipSync(answer.body)).length).toBe(200);
  expect((await get("127.0.1.1", negotiating.port, "identity")).encoding).toBeUndefined();
  expect(negotiating.server.count()).toMatchObject({
    scrapes: 2,
    compressed: 1,
    encodings: { gzip: 1, identity: 1 },
  });
});

test("compressed ahead or not, a target's pages are the same", async () => {
  const plain = await serve("identity");
  const negotiating = await serve("negotiate");
  for (const accepted of ["gzip", "gzip", undefined, "gzip", undefined, undefined, "gzip"]) {
    const expected = await get("127.0.1.2", plain.port);
    const answer = await get("127.0.1.2", negotiating.port, accepted);
    const page = answer.encoding === "gzip" ? gunzipSync(answer.body) : answer.body;
    expect(answer.encoding).toBe(accepted);
    expect(page.equals(expected.body)).toBe(true);
  }
  expect(negotiating.server.count().bytes).toBe(plain.server.count().bytes);
  expect(negotiating.server.count().sentBytes).toBeLessThan(plain.server.count().sentBytes);
});

test("a paused target counts no page", async () => {
  const { server, port } = await serve("identity");
  server.pause();
  expect((await get("127.0.1.1", port)).status).toBe(503);
  expect(server.count()).toMatchObject({ asked: 1, scrapes: 0, waiting: 1 });
});

async function serve(
  encoding: TargetsOrder["encoding"],
): Promise<{ readonly server: TargetServer; readonly port: number }> {
  const recipe = { kind: "node", size: 200 } as const;
  const part = { name: "node", recipe, targets: 2, intervalSeconds: 60, churn: 0 };
  const addresses = ["127.0.1.1", "127.0.1.2"];
  const server = new TargetServer({ role: "targets", parts: [part], seed: 1, addresses, encoding });
  stops.push(() => server.stop());
  return { server, port: await server.start() };
}

interface Answer {
  readonly status: number | undefined;
  readonly encoding: string | undefined;
  readonly body: Buffer;
}

function get(host: string, port: number, accepted?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = accepted === undefined ? {} : { "accept-encoding": accepted };
    const request = http.get(
      { host, port, path: "/metrics", headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const encoding = response.headers["content-encoding"];
          resolve({ status: response.statusCode, encoding, body: Buffer.concat(chunks) });
        });
        response.on("error", reject);
      },
    );
    request.on("error", reject);
  });
}
