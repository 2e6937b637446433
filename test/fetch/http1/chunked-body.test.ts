import fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkedBody } from "../../../src/fetch/http1/chunked-body.ts";
import { KIB } from "../../../src/units.ts";

interface Read {
  readonly body: string;
  /** What was not taken. */
  readonly rest: string;
  readonly ended: boolean;
  readonly fault: string | undefined;
}

/** Reads `text` in pieces of `piece` bytes. */
function read(text: string, piece = text.length, chunks = new ChunkedBody(20)): Read {
  const bytes = Buffer.from(text, "latin1");
  let body = "";
  chunks.begin();
  let at = 0;
  while (at < bytes.length && !chunks.ended && chunks.fault === undefined) {
    at = chunks.take(bytes, at, Math.min(bytes.length, at + piece), {
      onBody: (part) => {
        body += part.toString("latin1");
      },
    });
  }
  const { ended, fault } = chunks;
  return { body, rest: bytes.toString("latin1", at), ended, fault: fault?.detail };
}

test.each([
  ["plain", "3\r\nabc\r\n0\r\n\r\n"],
  ["with bare line feeds", "3\nabc\n0\n\n"],
  ["with an extension", '3;a="b\tc"\r\nabc\r\n0;x\r\n\r\n'],
  ["with blanks before an extension", "3 \t;a\r\nabc\r\n0\r\n\r\n"],
  ["with leading zeros", "0003\r\nabc\r\n000\r\n\r\n"],
  ["in several chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"],
  ["with trailers", "3\r\nabc\r\n0\r\nX: y\r\nZ:\tz\n\r\n"],
])("a body %s is whole, wherever the pieces end", (_, text) => {
  for (const piece of [1, 2, 3, 5, 100]) {
    expect(read(text, piece)).toMatchObject({ body: "abc", rest: "", ended: true });
  }
});

test.each([
  ["G\r\n", "a chunk of the body has a size that cannot be read"],
  ["3 \r\n", "a chunk of the body has a size that cannot be read"],
  ["\r\n", "a chunk of the body has a size that cannot be read"],
  ["-1\r\n", "a chunk of the body has a size that cannot be read"],
  ["3\rabc", "a chunk of the body has a size that cannot be read"],
  ["3;a\u0000\r\n", "a chunk of the body has a size that cannot be read"],
  ["3;a\u007f\r\n", "a chunk of the body has a size that cannot be read"],
  ["FFFFFFFFFFFFFFFF\r\n", "a chunk of the body has a size that cannot be read"],
  ["3\r\nabcd", "a chunk of the body is longer than its size"],
  ["3\r\nabc\rx", "a chunk of the body is longer than its size"],
  ["3\r\nabc\r\r", "a chunk of the body is longer than its size"],
  ["0\r\n\u0001\r\n", "the trailers of the answer cannot be read"],
  ["0\r\nX: y\rz", "the trailers of the answer cannot be read"],
  ["0\r\n\rx", "the trailers of the answer cannot be read"],
  [`0\r\nX: ${"y".repeat(20)}`, "the trailers of the answer are larger than 20 bytes"],
])("%j is refused", (text, fault) => {
  expect(read(text)).toMatchObject({ fault, ended: false });
  expect(read(text, 1)).toMatchObject({ fault, ended: false });
});

test("what follows the body is left", () => {
  expect(read("3\r\nabc\r\n0\r\n\r\nHTTP")).toEqual({
    body: "abc",
    rest: "HTTP",
    ended: true,
    fault: undefined,
  });
});

test("a chunk of no bytes ends the body, one that was not finished does not", () => {
  expect(read("3\r\nab")).toMatchObject({ body: "ab", ended: false });
  expect(read("0\r\n")).toMatchObject({ body: "", ended: false });
});

test("frames may take twice the content and a little more, not without end", () => {
  const frames = "1;xxxxxxxxxxxxxxxx\r\na\r\n";
  expect(read(`${frames.repeat(1000)}0\r\n\r\n`).ended).toBe(true);
  const extension = `1;${"x".repeat(100)}\r\na\r\n`;
  expect(read(extension.repeat(300)).fault).toBe("the body has more frames of chunks than content");
  expect(read(`1;${"x".repeat(17 * KIB)}`).fault).toBe(
    "the body has more frames of chunks than content",
  );
});

test("one reader takes one body after the other, whatever became of the last", () => {
  const chunks = new ChunkedBody(20);
  read("0\r\nX: 0123456789", 3, chunks);
  read("zz", 1, chunks);
  read(`1;${"x".repeat(15 * KIB)}`, 1000, chunks);
  expect(read(`1;${"x".repeat(15 * KIB)}`, 1000, chunks).fault).toBeUndefined();
  expect(read("3\r\nabc\r\n0\r\nX: 0123456789\r\n\r\n", 1, chunks)).toMatchObject({
    body: "abc",
    ended: true,
  });
});

test("whatever is sent in whatever chunks comes out", () => {
  const parts = fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 40 }));
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 50 }), (texts, piece) => {
      const framed = texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
      const { body, ended } = read(`${framed}0\r\n\r\n`, piece);
      expect({ body, ended }).toEqual({ body: texts.join(""), ended: true });
    }),
  );
});
