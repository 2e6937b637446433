import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { PageFetcher } from "../../../src/fetch/page-fetcher.ts";
import type { PageSink } from "../../../src/page-sink.ts";
import { Authority, hasOpenssl } from "../certificates.ts";
import { get, request } from "../fetch-case.ts";
import { RecordingSink } from "../recording-sink.ts";
import { answer, type ListenOn, type Script, serve } from "../scripted-server.ts";
import { fetcherOf, listening, PAGE } from "../test-net.ts";

/** Keeps a copy of every chunk and asks for a pause after each `every`-th. */
class PausingSink implements PageSink {
  text = "";
  readonly #every: number;
  #chunks = 0;

  constructor(every: number) {
    this.#every = every;
  }

  start(): void {}

  chunk(bytes: Uint8Array): undefined {
    this.#chunks++;
    this.text += Buffer.from(bytes).toString("latin1");
  }

  ready(): Promise<void> | undefined {
    return this.#chunks % this.#every === 0 ? setImmediate().then(() => setImmediate()) : undefined;
  }
}

interface Answer {
  readonly body: string;
  readonly chunked: boolean;
  readonly gzip: boolean;
  /** Bytes a write, in turn. */
  readonly writes: readonly number[];
}

function bytesOf({ body: text, chunked, gzip }: Answer): Buffer {
  const body = gzip ? gzipSync(text, { level: 0 }).toString("latin1") : text;
  const coding = gzip ? "content-encoding: gzip\r\n" : "";
  if (!chunked) {
    return Buffer.from(
      `HTTP/1.1 200 OK\r\n${coding}content-length: ${body.length}\r\n\r\n${body}`,
      "latin1",
    );
  }
  const parts = body.match(/[\s\S]{1,700}/g) ?? [];
  const coded = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
  const head = `HTTP/1.1 200 OK\r\n${coding}transfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n`;
  return Buffer.from(`${head}${coded}0\r\nx-end: ${"e".repeat(50)}\r\n\r\n`, "latin1");
}

const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  body: fc
    .tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 9 }))
    .map(([lines, salt]) =>
      Array.from({ length: lines }, (_, at) => `m_${salt}_${at}{a="b"} ${at * 7}\n`).join(""),
    ),
  chunked: fc.boolean(),
  gzip: fc.boolean(),
  writes: fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 5 }),
});

async function write(socket: Socket, answer: Answer): Promise<void> {
  const bytes = bytesOf(answer);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const wanted = answer.writes[turn % answer.writes.length] as number;
    const size = Math.max(wanted, Math.ceil(bytes.length / 60));
    socket.write(bytes.subarray(at, at + size));
    at += size;
    await setImmediate();
  }
}

async function readAll(on: ListenOn): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAnswer, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      async (answers, every) => {
        const server = await serve((socket, head) => {
          const index = Number(/GET \/(\d+)/.exec(head)?.[1]);
          void write(socket, answers[index] as Answer);
        }, on);
        const tls = { ca: [], insecureSkipVerify: true };
        const fetcher = new PageFetcher();
        try {
          const fetchAll = () =>
            Promise.all(
              answers.map(async (one, index) => {
                const sink = new PausingSink(every);
                const asked = request(`${server.url}/${index}`, { tls });
                const outcome = await get(fetcher, asked, sink);
                expect(outcome).toMatchObject({ kind: "ok", bodyBytes: one.body.length });
                expect(sink.text === one.body).toBe(true);
              }),
            );
          await fetchAll();
          await fetchAll();
        } finally {
          await fetcher.close();
          await server.close();
        }
      },
    ),
    { numRuns: on.tls === undefined ? 40 : 15 },
  );
}

describe("pages of several sockets at once arrive whole, however they are cut, paused and kept alive", () => {
  test("over TCP", () => readAll({}));

  describe.skipIf(!hasOpenssl)("(needs the openssl command)", () => {
    const authority = hasOpenssl ? new Authority() : undefined;
    afterAll(() => authority?.remove());

    test("over TLS", () => {
      const { cert, key } = (authority as Authority).issue("server");
      return readAll({ tls: { cert, key } });
    });
  });
});

/** Two fetches of the same page, one after the other, with a fetcher of their own. */
async function fetchTwice(script: Script, between = async (): Promise<void> => undefined) {
  const server = await listening(script);
  const fetcher = fetcherOf();
  const asked = request(server.url);
  const first = await get(fetcher, asked, new RecordingSink());
  await between();
  const second = await get(fetcher, asked, new RecordingSink());
  return { kinds: [first.kind, second.kind], accepted: server.accepted(), open: server.open };
}

describe("a connection is used once more", () => {
  test.for([
    ["after a page", answer(PAGE)],
    [
      "after chunks and trailers",
      "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n\r\n",
    ],
    [
      "of HTTP/1.0 that is kept",
      "HTTP/1.0 200 X\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    ],
  ] as const)("%s", async ([, bytes]) => {
    const { kinds, accepted } = await fetchTwice((socket) => socket.write(bytes));
    expect({ kinds, accepted }).toEqual({ kinds: ["ok", "ok"], accepted: 1 });
  });
});

describe("a connection is closed, and the next page comes over another", () => {
  test.for([
    ["with bytes behind its answer", `${answer(PAGE)}HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n`],
    ["with an empty line behind its answer", `${answer(PAGE)}\r\n`],
    ["of HTTP/1.0", "HTTP/1.0 200 X\r\nContent-Length: 0\r\n\r\n"],
    ["that says so", answer(PAGE, { Connection: "close" })],
    ["whose server waits less than a second", answer(PAGE, { "Keep-Alive": "timeout=1" })],
    [
      "with two lengths of the body",
      "HTTP/1.1 200 X\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
  ] as const)("%s", async ([, bytes]) => {
    const { kinds, accepted, open } = await fetchTwice((socket) => socket.write(bytes));
    expect({ kinds, accepted }).toEqual({ kinds: ["ok", "ok"], accepted: 2 });
    await expect.poll(open).toBe(0);
  });

  test("that got bytes nobody asked for", async () => {
    let socket: Socket | undefined;
    const server = await listening((one) => {
      socket = one;
      one.write(answer(PAGE));
    });
    const fetcher = fetcherOf();
    await get(fetcher, request(server.url), new RecordingSink());
    socket?.write("HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\nfake");
    await expect.poll(server.open).toBe(0);
    const sink = new RecordingSink();
    await get(fetcher, request(server.url), sink);
    expect(sink.text).toBe(PAGE);
  });

  test("that was reset while it was idle", async () => {
    let socket: Socket | undefined;
    const { kinds } = await fetchTwice(
      (one) => {
        socket = one;
        one.write(answer(PAGE));
      },
      async () => {
        socket?.resetAndDestroy();
        await setImmediate();
      },
    );
    expect(kinds).toEqual(["ok", "ok"]);
  });
});

test("a path that no unix socket can have is connect_failed", async () => {
  for (const udsPath of [`/${"x".repeat(300)}`, "/a\0b"]) {
    const outcome = await get(fetcherOf(), request("http://x/m", { udsPath }), new RecordingSink());
    expect(outcome).toMatchObject({ kind: "failed", reason: "connect_failed" });
  }
});
