import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "../../src/exposition/line-splitter.ts";

/** What a splitter hands on, in order: `number text`, with `!` before the beginning of a line that is too long. */
class Recorder {
  readonly seen: string[] = [];

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.seen.push(`${lineNumber} ${text(bytes, start, end)}`);
  }

  tooLong(bytes: Uint8Array, start: number, end: number, lineNumber: number): void {
    this.seen.push(`!${lineNumber} ${text(bytes, start, end)}`);
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString("latin1");
}

function split(splitter: LineSplitter, chunks: readonly string[]): string[] {
  const recorder = new Recorder();
  for (const chunk of chunks) {
    const bytes = new Uint8Array(Buffer.from(chunk, "latin1"));
    splitter.push(bytes, recorder);
    bytes.fill(0x3f);
  }
  splitter.end(recorder);
  return recorder.seen;
}

test.each([
  [[], []],
  [[""], []],
  [["a\nb\n"], ["1 a", "2 b"]],
  [["a\nb"], ["1 a", "2 b"]],
  [["a\r\n\r\nb\r"], ["1 a", "2 ", "3 b"]],
  [["a\rb\n"], ["1 a\rb"]],
  [["\n\n"], ["1 ", "2 "]],
  [
    ["ab", "cd\ne", "f", "\n"],
    ["1 abcd", "2 ef"],
  ],
  [
    ["a\r", "\nb"],
    ["1 a", "2 b"],
  ],
  [
    ["a", "\n", "\n", "b"],
    ["1 a", "2 ", "3 b"],
  ],
])("%j", (chunks, lines) => {
  expect(split(new LineSplitter(100), chunks)).toEqual(lines);
});

test.each([
  [["12345\n123456\nab\n"], ["1 12345", "!2 12345", "3 ab"]],
  [
    ["1234", "56", "78\nab"],
    ["!1 12345", "2 ab"],
  ],
  [["123456789"], ["!1 12345"]],
  [["12345", "\n"], ["1 12345"]],
  [
    ["1234", "5\r\n1234\r\n"],
    ["!1 12345", "2 1234"],
  ],
  [
    ["123456", "7", "\n", "\nab\n"],
    ["!1 12345", "2 ", "3 ab"],
  ],
])("a limit of 5 bytes: %j", (chunks, lines) => {
  expect(split(new LineSplitter(5), chunks)).toEqual(lines);
});

test("reset forgets the held line, the skipping and the count", () => {
  const splitter = new LineSplitter(5);
  const recorder = new Recorder();
  splitter.push(Buffer.from("x\n1234567"), recorder);
  splitter.reset();
  expect(split(splitter, ["ab\n", "c"])).toEqual(["1 ab", "2 c"]);
  splitter.push(Buffer.from("held"), recorder);
  splitter.reset();
  expect(split(splitter, ["ab\n"])).toEqual(["1 ab"]);
});

test("a held line grows beyond the first window", () => {
  const long = "x".repeat(10_000);
  const chunks = [long, long, "\n", "y\n"];
  expect(split(new LineSplitter(1 << 20), chunks)).toEqual([`1 ${long}${long}`, "2 y"]);
});

test("any chunking of any page gives the same lines", () => {
  const page = fc.array(fc.constantFrom("a", "bc", "\n", "\r\n", "\r", "0123456789"), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      page,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (parts, sizes) => {
        const whole = parts.join("");
        const chunks: string[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(whole.slice(at, at + size));
          at += size;
        }
        for (const limit of [1, 8, 1000]) {
          expect(split(new LineSplitter(limit), chunks)).toEqual(
            split(new LineSplitter(limit), [whole]),
          );
        }
      },
    ),
    { numRuns: 500 },
  );
});
