import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerReader } from "../../../src/fetch/http1/answer-reader.ts";
import { readAnswer, validAnswers } from "./answer-case.ts";
import { judgeByUndici } from "./undici-oracle.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const HEAD = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const cutsIn = fc.array(fc.nat({ max: 1200 }), { maxLength: 12 });

describe("an answer that is right", () => {
  test("is the same however it is split, and whatever its lines end with", () => {
    fc.assert(
      fc.property(validAnswers(["\r\n", "\n"]), cutsIn, (answer, cuts) => {
        const read = readAnswer(answer.bytes, cuts, { closed: true });
        expect(read).toMatchObject({ step: "ended", status: answer.status, body: answer.body });
      }),
      { numRuns: 2000 },
    );
  });

  test("is the same cut at every byte", () => {
    fc.assert(
      fc.property(validAnswers(["\r\n"]), (answer) => {
        const whole = readAnswer(answer.bytes, [], { closed: true });
        const every = Array.from(answer.bytes, (_, at) => at);
        expect(readAnswer(answer.bytes, every, { closed: true })).toEqual(whole);
        for (const at of every) {
          expect(readAnswer(answer.bytes, [at], { closed: true })).toEqual(whole);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is read as undici reads it", async () => {
    await fc.assert(
      fc.asyncProperty(validAnswers(["\r\n"]), async (answer) => {
        const { status, body } = readAnswer(answer.bytes, [], { closed: true });
        expect(await judgeByUndici(answer.bytes)).toEqual({ status, body });
      }),
      { numRuns: 60 },
    );
  });

  test("that is cut short is no whole one", () => {
    fc.assert(
      fc.property(validAnswers(["\r\n", "\n"]), fc.nat({ max: 2000 }), (answer, at) => {
        fc.pre(at < answer.bytes.length && !answer.closes);
        const { step } = readAnswer(answer.bytes.subarray(0, at), [], { closed: true });
        expect(step).toMatchObject({
          reason: expect.stringMatching(/^(truncated_body|connection_reset)$/),
        });
      }),
    );
  });
});

describe("whatever comes", () => {
  const pieces = fc.constantFrom(
    ...[
      HEAD,
      CHUNKED,
      "HTTP/1.0 200\n",
      "HTTP/1.1 100 \r\n\r\n",
      "HTTP/1.1 204 \r\n",
      "\r\n",
      "\n",
    ],
    ...[
      "Content-Length: 5\r\n",
      "Content-Length: 7\r\n",
      "Transfer-Encoding: gzip\r\n",
      " fold\r\n",
    ],
    ...["5\r\n", "5;x\r\n", "0\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "up 1\n", "\0", "\r", ":"],
  );
  const noise = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => latin1(parts.join(""))),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(validAnswers(["\r\n", "\n"]), fc.nat({ max: 900 }), fc.integer({ min: 0, max: 255 }))
      .map(([{ bytes }, at, byte]) => {
        const spoilt = Buffer.from(bytes);
        spoilt[at % spoilt.length] = byte;
        return spoilt;
      }),
  );

  test("nothing is thrown, and the verdict does not depend on the pieces", () => {
    fc.assert(
      fc.property(noise, cutsIn, (bytes, cuts) => {
        const whole = readAnswer(bytes, [], { closed: true });
        const cut = readAnswer(bytes, cuts, { closed: true });
        // Of the connection alone: bytes after the end may come in a later piece.
        expect({ ...cut, keepMs: 0 }).toEqual({ ...whole, keepMs: 0 });
      }),
      { numRuns: 3000 },
    );
  });
});

test.for([
  ["a length", `${HEAD}Content-Length: 2\r\n\r\nab`, "ab", 90_000],
  ["the same length twice", `${HEAD}Content-Length: 2\r\ncontent-length:2\r\n\r\nab`, "ab", 90_000],
  // Which undici takes for another length than that of the body.
  ["blanks around its length", `${HEAD}Content-Length: \t2 \r\n\r\nab`, "ab", 90_000],
  ["no reason phrase", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", 90_000],
  ["bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", "ab", 90_000],
  [
    "chunks with bare line feeds",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n",
    "ab",
    90_000,
  ],
  [
    "chunks and a folded field",
    `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
    "ab",
    90_000,
  ],
  ["blanks before an extension", `${CHUNKED}2 \t; x\r\nab\r\n0\r\n\r\n`, "ab", 90_000],
  ["a server that closes", `${HEAD}Connection: x, Close\r\nContent-Length: 2\r\n\r\nab`, "ab", 0],
  [
    "a server that keeps for 5 s",
    `${HEAD}Keep-Alive: timeout=5, max=9\r\nContent-Length: 0\r\n\r\n`,
    "",
    4000,
  ],
  [
    "a server that keeps for 1 s",
    `${HEAD}Keep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n`,
    "",
    0,
  ],
  [
    "a server that keeps for ever",
    `${HEAD}Keep-Alive: timeout=99999999999\r\nContent-Length: 0\r\n\r\n`,
    "",
    90_000,
  ],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", "ab", 0],
  [
    "HTTP/1.0 that is kept",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab",
    "ab",
    90_000,
  ],
  ["bytes after its end", `${HEAD}Content-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n`, "ab", 0],
  ["bytes after its last chunk", `${CHUNKED}0\r\n\r\n\r\n`, "", 0],
  [
    "a length and chunks",
    `${HEAD}Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
    "ab",
    0,
  ],
  [
    "chunks in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "",
    0,
  ],
  ["a 304 with a length", "HTTP/1.1 304 X\r\nContent-Length: 77\r\n\r\n", "", 90_000],
  ["a 204", "HTTP/1.1 204 X\r\n\r\n", "", 90_000],
  ["a 204 with a length", "HTTP/1.1 204 X\r\nContent-Length: 7\r\n\r\n", "", 0],
  [
    "a 100 before it",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "",
    90_000,
  ],
] as const)(
  "an answer with %s is whole; how long its connection is kept",
  ([, text, body, keepMs]) => {
    expect(readAnswer(latin1(text))).toMatchObject({ step: "ended", body, keepMs });
  },
);

test.for([
  ["another protocol", "SSH-2.0-OpenSSH\r\n"],
  ["one byte of a TLS alert", "\x15"],
  ["an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n"],
  ["HTTP/2 in the status line", "HTTP/2.0 200 OK\r\n\r\n"],
  ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"],
  ["two blanks in the status line", "HTTP/1.1  200 OK\r\n\r\n"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
  ["a switch of protocols", "HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n"],
  ["a line without a colon", `${HEAD}nonsense\r\n\r\n`],
  ["a field without a name", `${HEAD}: x\r\n\r\n`],
  ["a blank before the colon", `${HEAD}Content-Length : 5\r\n\r\n`],
  ["a fold before any field", `${HEAD} x: y\r\n\r\n`],
  ["a NUL in a field", `${HEAD}X: a\0b\r\n\r\n`],
  ["a bare CR in a field", `${HEAD}X: a\rContent-Length: 5\r\n\r\n`],
  ["two CRs at a line's end", `${HEAD}X: a\r\r\n\r\n`],
  ["two lengths", `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
  ["a blank of another kind before a length", `${HEAD}Content-Length: \xa05\r\n\r\n`],
  ["a blank of another kind within lengths", `${HEAD}Content-Length: 5,\xa05\r\n\r\n`],
  ["two lengths in one", `${HEAD}Content-Length: 5, 6\r\n\r\n`],
  ...[
    "-5",
    "+5",
    "0x5",
    "5 5",
    "5a",
    "",
    "1e3",
    "5.0",
    "9007199254740993",
    "99999999999999999999999",
  ].map((length): [string, string] => [
    `length ${length}`,
    `${HEAD}Content-Length: ${length}\r\n\r\n`,
  ]),
  ...[
    "-5",
    "+5",
    "0x5",
    " 5",
    "5 ",
    "5 5",
    "",
    "g",
    "5,",
    "20000000000000",
    "fffffffffffffffffff",
    "5\r",
    "5\0",
    "5;a\rb",
    "5;\x7f",
  ].map((size): [string, string] => [
    `chunk size ${JSON.stringify(size)}`,
    `${CHUNKED}${size}\r\n`,
  ]),
  ["a chunk longer than its size", `${CHUNKED}2\r\nabc\r\n0\r\n\r\n`],
  ["a chunk that ends with CR alone", `${CHUNKED}2\r\nab\rc`],
  ["a NUL in a trailer", `${CHUNKED}0\r\nX: \0\r\n\r\n`],
  ["a bare CR in a trailer", `${CHUNKED}0\r\nX: \ry\r\n\r\n`],
  ["a bare CR before the end", `${CHUNKED}0\r\n\rx`],
])("%s is refused", ([, text = ""]) => {
  expect(readAnswer(latin1(text)).step).toMatchObject({ kind: "fault", reason: "protocol" });
});

test.for([
  ["a status line", "HTTP/1.1 200 ", "x"],
  ["fields", HEAD, "X-A: b\r\n"],
  ["a folded field", `${HEAD}X: y\r\n`, " z\r\n"],
  ["interim answers", "", "HTTP/1.1 103 X\r\n\r\n"],
  ["trailers", `${CHUNKED}0\r\n`, "X: y\r\n"],
  ["one trailer", `${CHUNKED}0\r\n`, "x"],
])("%s without end: header_limit, and no more is read", ([, start = "", piece = ""]) => {
  const endless = latin1(start + piece.repeat(200_000));
  expect(readAnswer(endless).step).toMatchObject({ reason: "header_limit" });
});

test("a head takes no more time than its length", () => {
  const blanks = `${" ".repeat(1_000_000)}x`;
  const text = `${HEAD}Content-Type: a${blanks}\r\nConnection: close${blanks}\r\nContent-Length: 0\r\n\r\n`;
  const limits = { headerBytes: 4_000_000 };
  expect(readAnswer(latin1(text), [], limits).step).toBe("ended");
  const bytes = Array.from({ length: 100_000 }, (_, at) => at);
  const long = `${HEAD}X: ${"y".repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`;
  expect(readAnswer(latin1(long), bytes, limits).step).toBe("ended");
});

test("the bound of the head is exact", () => {
  const head = latin1(`${HEAD}X: ${"y".repeat(100)}\r\nContent-Length: 0\r\n\r\n`);
  expect(readAnswer(head, [], { headerBytes: head.length }).step).toBe("ended");
  expect(readAnswer(head, [], { headerBytes: head.length - 1 }).step).toMatchObject({
    reason: "header_limit",
  });
});

test.for([
  ["an extension", ";x", 20_000],
  ["leading zeros", "0", 20_000],
  ["chunks that are mostly extension", `1;${"x".repeat(500)}\r\na\r\n`, 40],
] as const)("%s without end is refused", ([, piece, times]) => {
  const start = piece.startsWith(";") ? "5" : "";
  const endless = latin1(CHUNKED + start + piece.repeat(times));
  expect(readAnswer(endless).step).toMatchObject({ reason: "protocol" });
});

test("chunks of one byte are not refused", () => {
  const text = `${CHUNKED}${"1\r\na\r\n".repeat(50_000)}0\r\n\r\n`;
  const { step, body } = readAnswer(latin1(text));
  expect(step).toBe("ended");
  expect(body).toHaveLength(50_000);
});

test("a chunk of nearly 2^53 bytes is read on as far as it comes", () => {
  expect(
    readAnswer(latin1(`${CHUNKED}1fffffffffffff\r\nup 1\n`), [], { closed: true }),
  ).toMatchObject({
    step: { reason: "truncated_body" },
    body: "up 1\n",
  });
});

test("one reader reads one answer after the other", () => {
  const reader = new AnswerReader(16_384);
  const statuses: number[] = [];
  const receiver = {
    onHead: (head: { status: number }) => {
      statuses.push(head.status);
    },
    onBody: () => undefined,
  };
  for (const text of [
    `${CHUNKED}2\r\nab\r\n0\r\nx: y\r\n\r\n`,
    "HTTP/1.1 404 X\r\nContent-Length: 1\r\n\r\nx",
    `${CHUNKED}0\r\n\r\n`,
  ]) {
    reader.begin();
    expect(reader.answered).toBe(false);
    expect(reader.take(latin1(text), text.length, receiver)).toBe("ended");
  }
  expect(statuses).toEqual([200, 404, 200]);
});
