import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PageFetcher } from "../../src/scrape/page-fetcher.ts";
import type { PageSink } from "../../src/scrape/page-sink.ts";
import { get, request } from "./fetch-case.ts";
import { serve } from "./scripted-server.ts";

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
  /** Bytes a write, in turn. */
  readonly writes: readonly number[];
}

function bytesOf({ body, chunked }: Answer): Buffer {
  if (!chunked) {
    return Buffer.from(
      `HTTP/1.1 200 OK\r\nx-one: 1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  }
  const parts = body.match(/[\s\S]{1,700}/g) ?? [];
  const coded = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
  const head =
    "HTTP/1.1 200 OK\r\nx-one: 1\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n";
  return Buffer.from(`${head}${coded}0\r\nx-end: ${"e".repeat(50)}\r\n\r\n`);
}

const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  body: fc
    .tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 9 }))
    .map(([lines, salt]) =>
      Array.from({ length: lines }, (_, at) => `m_${salt}_${at}{a="b"} ${at * 7}\n`).join(""),
    ),
  chunked: fc.boolean(),
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

test("pages of several sockets at once arrive whole, however they are cut, paused and kept alive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAnswer, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      async (answers, every) => {
        const server = await serve((socket, head) => {
          const index = Number(/GET \/(\d+)/.exec(head)?.[1]);
          void write(socket, answers[index] as Answer);
        });
        const fetcher = new PageFetcher();
        try {
          const fetchAll = () =>
            Promise.all(
              answers.map(async (answer, index) => {
                const sink = new PausingSink(every);
                const outcome = await get(fetcher, request(`${server.url}/${index}`), sink);
                expect(outcome).toMatchObject({ kind: "ok", bodyBytes: answer.body.length });
                expect(sink.text === answer.body).toBe(true);
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
    { numRuns: 40 },
  );
});
