import type { Socket } from "node:net";

/** A longer head goes on as it is, to be refused by the parser, which takes 16 KiB. */
const LONGEST_HEAD = 64 * 1024;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Anything else at the start of an answer is no HTTP, and nobody waits for the end of its head. */
const START = Buffer.from("HTTP/1.", "latin1");
/** Interim answers but 101, which changes the protocol and which nobody asked for. */
const INTERIM = /^HTTP\/1\.\d 1(?!01)\d\d[ \r\n]/;

/**
 * Makes what servers send fit for undici, which is stricter than the RFC and than Go's client:
 *
 * - Interim answers are taken out. undici cuts a connection on which an unasked 100 Continue comes, and the body is sent again and
 *   again although the server took it (RFC 9110, 15.2: a client takes them).
 * - Control bytes in a head become blanks. InfluxDB 1.x repeats a refused line in `X-Influxdb-Error`, with all that is in it.
 *
 * It works between the socket and undici: `expect` when a request goes out, `take` for all that comes.
 */
export class AnswerHeads {
  #held: Buffer | undefined;
  #inHead = true;

  /** What comes next is the head of an answer. */
  expect(): void {
    this.#inHead = true;
    this.#held = undefined;
  }

  /** What undici is to get of these bytes; empty while a head is not complete. */
  take(bytes: Buffer): Buffer {
    if (!this.#inHead) {
      return bytes;
    }
    let rest = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    for (;;) {
      const end = endOfHead(rest);
      if (end === undefined) {
        return this.#wait(rest);
      }
      if (!INTERIM.test(rest.toString("latin1", 0, Math.min(end, 16)))) {
        this.#inHead = false;
        this.#held = undefined;
        return cleaned(rest, end);
      }
      rest = rest.subarray(end);
    }
  }

  #wait(bytes: Buffer): Buffer {
    const start = bytes.subarray(0, START.length);
    const isHttp = start.equals(START.subarray(0, start.length));
    if (isHttp && bytes.length <= LONGEST_HEAD) {
      // Bytes of a socket are views on memory that it uses again.
      this.#held = Buffer.from(bytes);
      return bytes.subarray(0, 0);
    }
    this.#inHead = false;
    this.#held = undefined;
    return bytes;
  }
}

/** Has `AnswerHeads` look at all that comes over a socket before undici reads it. HTTP/2 has frames in place of heads. */
export function withCleanHeads<S extends Socket>(socket: S): S {
  if ("alpnProtocol" in socket && socket.alpnProtocol === "h2") {
    return socket;
  }
  const heads = new AnswerHeads();
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket) as (...rest: unknown[]) => boolean;
  socket.read = (size?: number): unknown => {
    for (;;) {
      const chunk = read(size);
      if (!Buffer.isBuffer(chunk)) {
        return chunk;
      }
      const clean = heads.take(chunk);
      if (clean.length > 0) {
        return clean;
      }
    }
  };
  // undici writes the head of a request as a text and its body as bytes.
  socket.write = (...written: unknown[]): boolean => {
    if (typeof written[0] === "string") {
      heads.expect();
    }
    return write(...written);
  };
  return socket;
}

/** The position after the empty line. */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    const next = bytes[at + 1] === CARRIAGE_RETURN ? at + 2 : at + 1;
    if (bytes[next] === LINE_FEED) {
      return next + 1;
    }
  }
  return undefined;
}

/** A CR that no LF follows is a control byte too. The bytes are those of the socket only where nothing changes. */
function cleaned(bytes: Buffer, end: number): Buffer {
  let clean = bytes;
  for (let at = 0; at < end; at += 1) {
    const byte = bytes[at] as number;
    const isControl = byte < SPACE ? byte !== TAB && byte !== LINE_FEED : byte === DELETE;
    if (isControl && (byte !== CARRIAGE_RETURN || bytes[at + 1] !== LINE_FEED)) {
      clean = clean === bytes ? Buffer.from(bytes) : clean;
      clean[at] = SPACE;
    }
  }
  return clean;
}
