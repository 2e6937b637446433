import fc from "fast-check";
import { AnswerReader, type AnswerStep } from "../../../src/fetch/http1/answer-reader.ts";

export interface ReadAnswer {
  readonly step: AnswerStep;
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
  readonly keepMs: number;
}

/** Reads an answer in pieces that end at `cuts`; each piece is in the same memory, which is spoilt once it was read. */
export function readAnswer(
  bytes: Buffer,
  cuts: readonly number[] = [],
  { closed = false, headerBytes = 16_384 } = {},
): ReadAnswer {
  const reader = new AnswerReader(headerBytes);
  let status: number | undefined;
  let type: string | undefined;
  const body: Buffer[] = [];
  const receiver = {
    onHead: (head: { status: number; fields: { "content-type"?: string } }) => {
      status = head.status;
      type = head.fields["content-type"];
    },
    onBody: (part: Buffer) => body.push(Buffer.from(part)),
  };
  const room = Buffer.alloc(bytes.length);
  let step: AnswerStep = "more";
  reader.begin();
  for (const [at, end] of piecesOf(bytes.length, cuts)) {
    bytes.copy(room, 0, at, end);
    step = reader.take(room, end - at, receiver);
    room.fill(0xff);
    if (step !== "more") {
      // What comes after its end is not shown to the reader: the connection is closed by it.
      const keepMs = end === bytes.length ? reader.keepMs : 0;
      return { step, status, type, body: Buffer.concat(body).toString("latin1"), keepMs };
    }
  }
  if (closed) {
    step = reader.close();
  }
  return { step, status, type, body: Buffer.concat(body).toString("latin1"), keepMs: 0 };
}

function piecesOf(length: number, cuts: readonly number[]): [number, number][] {
  const ends = [...new Set(cuts.filter((cut) => cut > 0 && cut < length)), length];
  ends.sort((a, b) => a - b);
  return ends.map((end, index) => [ends[index - 1] ?? 0, end]);
}

/** An answer that is right in every respect, and what is in it. */
export interface ValidAnswer {
  readonly bytes: Buffer;
  readonly status: number;
  readonly body: string;
  /** It ends with the connection. */
  readonly closes: boolean;
}

interface Parts {
  readonly minor: 0 | 1;
  readonly status: number;
  readonly interim: number;
  readonly body: string;
  readonly framing: "length" | "chunked" | "close";
  readonly sizes: readonly number[];
  readonly extension: string;
  readonly trailers: readonly string[];
  readonly fields: readonly string[];
  readonly lineEnds: readonly string[];
}

function answerOf(parts: Parts): ValidAnswer {
  let lines = 0;
  const line = (text: string): string => {
    lines++;
    return text + (parts.lineEnds[lines % parts.lineEnds.length] ?? "\r\n");
  };
  const bare = parts.status === 204 || parts.status === 304;
  const body = bare ? "" : parts.body;
  const framing = parts.minor === 0 && parts.framing === "chunked" ? "length" : parts.framing;
  const framed = { length: "Content-LENGTH:  ", chunked: "transfer-encoding:Chunked", close: "" };
  const head = [
    `HTTP/1.${parts.minor} ${parts.status} So it is`,
    ...parts.fields,
    ...(bare || framing === "close"
      ? []
      : [framed[framing] + (framing === "length" ? `${body.length}` : "")]),
  ];
  const interim = `${line("HTTP/1.1 103 Early")}${line("Link: </x>")}${line("")}`;
  const text =
    interim.repeat(parts.minor === 0 ? 0 : parts.interim) +
    head.map(line).join("") +
    line("") +
    (framing === "chunked" && !bare ? chunksOf({ ...parts, body }, line) : body);
  return {
    bytes: Buffer.from(text, "latin1"),
    status: parts.status,
    body,
    closes: framing === "close" && !bare,
  };
}

function chunksOf(parts: Parts, line: (text: string) => string): string {
  let text = "";
  for (let at = 0, turn = 0; at < parts.body.length; turn++) {
    const chunk = parts.body.slice(at, at + (parts.sizes[turn % parts.sizes.length] ?? 1));
    const size = turn % 2 === 0 ? chunk.length.toString(16) : `0${chunk.length.toString(16)}`;
    text += line(size.toUpperCase() + parts.extension) + line(chunk);
    at += chunk.length;
  }
  return text + line("0") + parts.trailers.map(line).join("") + line("");
}

/** `lineEnds`: what lines may end with. */
export function validAnswers(lineEnds: readonly string[]): fc.Arbitrary<ValidAnswer> {
  return fc
    .record<Parts>({
      minor: fc.constantFrom(0, 1),
      status: fc.constantFrom(200, 200, 200, 204, 304, 404, 500),
      interim: fc.nat({ max: 2 }),
      body: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
      framing: fc.constantFrom("length", "chunked", "close"),
      sizes: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
      extension: fc.constantFrom("", ";a", ";a=b;c", ';a="b c"'),
      trailers: fc.constantFrom([], ["X-Sum: 1"], ["a: b", "c:"]),
      fields: fc.subarray(["X-A:b", "Content-Type: text/plain", "Date:", "X-B: \xe9\t!"]),
      lineEnds: fc.array(fc.constantFrom(...lineEnds), { minLength: 1, maxLength: 5 }),
    })
    .map(answerOf);
}
