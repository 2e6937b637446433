import { expect, test } from "vitest";
import { HeadReader } from "../../../src/fetch/http1/head-reader.ts";

const LIMIT = 40;

interface Read {
  readonly head: string | undefined;
  /** What was not taken. */
  readonly rest: string;
  readonly fault: string | undefined;
}

/** Reads one head in pieces of `piece` bytes. */
function read(text: string, piece = text.length, heads = new HeadReader(LIMIT)): Read {
  heads.begin();
  return readNext(text, piece, heads);
}

function readNext(text: string, piece: number, heads: HeadReader): Read {
  const bytes = Buffer.from(text, "latin1");
  let at = 0;
  while (at < bytes.length && heads.text === undefined && heads.fault === undefined) {
    at = heads.take(bytes, at, Math.min(bytes.length, at + piece));
  }
  const { text: head, fault } = heads;
  return { head, rest: bytes.toString("latin1", at), fault: fault?.detail };
}

test.each(["HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n"])(
  "%j ends with its empty line, wherever the pieces end",
  (text) => {
    const head = text.trimEnd();
    for (const piece of [1, 2, 7, 100]) {
      expect(read(`${text}body`, piece)).toEqual({ head, rest: "body", fault: undefined });
    }
  },
);

test("a head that is not whole is no head", () => {
  expect(read("HTTP/1.1 200 OK\r\n\r").head).toBeUndefined();
  expect(read("HTTP/1.1 200 OK\r\nA: b\r\n").head).toBeUndefined();
});

test.each(["SSH-2.0-x\r\n", "HTTQ", "H\n\n", "HTTP/2 200\r\n"])("%j is not HTTP/1", (text) => {
  const fault = "the answer is not one of HTTP/1";
  expect(read(text).fault).toBe(fault);
  expect(read(text, 1).fault).toBe(fault);
});

test("a head may be as large as the limit, and no larger", () => {
  const head = `HTTP/1.1 200 OK\r\nA: ${"b".repeat(LIMIT - 24)}\r\n\r\n`;
  const longer = head.replace("A:", "AA:");
  expect(head).toHaveLength(LIMIT);
  const fault = `the head of the answer is larger than ${LIMIT} bytes`;
  for (const piece of [1, 9, 100]) {
    expect(read(head, piece).head).toBe(head.trimEnd());
    expect(read(longer, piece)).toMatchObject({ head: undefined, fault });
  }
});

test("interim heads count towards the limit of their answer, not of the next", () => {
  const heads = new HeadReader(LIMIT);
  const interim = "HTTP/1.1 103 Hints\r\n\r\n";
  expect(read(interim, 5, heads).head).toBe("HTTP/1.1 103 Hints");
  heads.next();
  expect(readNext(interim, 5, heads).fault).toContain("larger than 40 bytes");
  expect(read(interim, 5, heads).head).toBe("HTTP/1.1 103 Hints");
});

test("bytes beyond ASCII are one character each", () => {
  expect(read("HTTP/1.1 200 \xe9\r\n\r\n").head).toBe("HTTP/1.1 200 \xe9");
});
