import { KIB } from "../../units.ts";
import { type FetchFault, fault } from "../fetch-fault.ts";

/** Takes the bytes of a body as they come. */
export interface BodyReceiver {
  /** Valid during the call only. */
  onBody(bytes: Buffer): void;
}

/**
 * RFC 9112, 7.1; each line may end with LF alone:
 *
 *     size *( blanks ";" extension ) CRLF  size bytes  CRLF    for each chunk, size in hexadecimal digits
 *     0    *( blanks ";" extension ) CRLF  *( field CRLF )  CRLF    at the end
 *
 * A state is named after what comes next.
 */
type State =
  | "size"
  | "more of the size"
  | "blanks"
  | "extension"
  | "line feed of the size"
  | "bytes"
  | "end of the bytes"
  | "line feed of the bytes"
  | "trailer line"
  | "trailer text"
  | "line feed of the trailer"
  | "line feed of the body"
  | "nothing";

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const DELETE = 0x7f;

/** What size lines may take beyond their due, in all: extensions without end are no page. */
const EXCESS_BYTES = 16 * KIB;
/** The due of a size line: for its chunk, and for each byte in it. */
const FRAME_BYTES = 16;
const FRAME_RATIO = 2;

/** Takes the frame off a body in chunks: the bytes are views on what came, extensions and trailers are read over. */
export class ChunkedBody {
  readonly #maxTrailerBytes: number;
  #state: State = "nothing";
  #size = 0;
  #left = 0;
  #excess = 0;
  #trailerBytes = 0;
  #fault: FetchFault | undefined;

  constructor(maxTrailerBytes: number) {
    this.#maxTrailerBytes = maxTrailerBytes;
  }

  get ended(): boolean {
    return this.#state === "nothing";
  }

  get fault(): FetchFault | undefined {
    return this.#fault;
  }

  begin(): void {
    this.#state = "size";
    this.#size = 0;
    this.#excess = 0;
    this.#trailerBytes = 0;
    this.#fault = undefined;
  }

  /** Gives the offset behind what belongs to the body, or behind the byte that is the fault. */
  take(bytes: Buffer, start: number, end: number, receiver: BodyReceiver): number {
    let at = start;
    while (at < end && this.#fault === undefined && this.#state !== "nothing") {
      if (this.#state === "bytes") {
        const stop = Math.min(end, at + this.#left);
        this.#left -= stop - at;
        if (this.#left === 0) {
          this.#state = "end of the bytes";
        }
        receiver.onBody(bytes.subarray(at, stop));
        at = stop;
      } else {
        this.#frame(bytes[at] ?? 0);
        at++;
      }
    }
    return at;
  }

  #frame(byte: number): void {
    switch (this.#state) {
      case "size":
      case "more of the size":
      case "blanks":
      case "extension":
      case "line feed of the size":
        this.#sizeLine(byte);
        return;
      case "end of the bytes":
      case "line feed of the bytes":
        this.#bytesEnd(byte);
        return;
      default:
        this.#trailer(byte);
    }
  }

  #sizeLine(byte: number): void {
    this.#excess++;
    if (this.#excess > EXCESS_BYTES) {
      this.#refuse("the body has more frames of chunks than content");
    } else if (!this.#sizeByte(byte)) {
      this.#refuse("a chunk of the body has a size that cannot be read");
    }
  }

  /** False: it cannot stand here. */
  #sizeByte(byte: number): boolean {
    switch (this.#state) {
      case "size":
        return this.#digit(byte);
      case "more of the size":
        return this.#digit(byte) || this.#lineEnd(byte) || this.#extension(byte);
      case "blanks":
        return this.#extension(byte);
      case "extension":
        return this.#lineEnd(byte) || isText(byte);
      default:
        return byte === LF && this.#lineEnd(byte);
    }
  }

  #digit(byte: number): boolean {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) {
      return false;
    }
    this.#size = this.#size * 16 + digit;
    this.#state = "more of the size";
    return Number.isSafeInteger(this.#size);
  }

  #extension(byte: number): boolean {
    this.#state = byte === SEMICOLON ? "extension" : "blanks";
    return byte === SEMICOLON || byte === SPACE || byte === TAB;
  }

  #lineEnd(byte: number): boolean {
    if (byte === CR) {
      this.#state = "line feed of the size";
    } else if (byte === LF) {
      this.#left = this.#size;
      this.#excess = Math.max(0, this.#excess - FRAME_BYTES - FRAME_RATIO * this.#size);
      this.#state = this.#size === 0 ? "trailer line" : "bytes";
      this.#size = 0;
    }
    return byte === CR || byte === LF;
  }

  #bytesEnd(byte: number): void {
    if (byte === LF) {
      this.#state = "size";
    } else if (byte === CR && this.#state === "end of the bytes") {
      this.#state = "line feed of the bytes";
    } else {
      this.#refuse("a chunk of the body is longer than its size");
    }
  }

  #trailer(byte: number): void {
    this.#trailerBytes++;
    if (this.#trailerBytes > this.#maxTrailerBytes) {
      const detail = `the trailers of the answer are larger than ${this.#maxTrailerBytes} bytes`;
      this.#fault = fault("header_limit", detail);
    } else if (!this.#trailerByte(byte)) {
      this.#refuse("the trailers of the answer cannot be read");
    }
  }

  #trailerByte(byte: number): boolean {
    const atStart = this.#state === "trailer line" || this.#state === "line feed of the body";
    if (byte === LF) {
      this.#state = atStart ? "nothing" : "trailer line";
      return true;
    }
    if (this.#state === "line feed of the body" || this.#state === "line feed of the trailer") {
      return false;
    }
    if (byte === CR) {
      this.#state = atStart ? "line feed of the body" : "line feed of the trailer";
      return true;
    }
    this.#state = "trailer text";
    return isText(byte);
  }

  #refuse(detail: string): void {
    this.#fault = fault("protocol", detail);
  }
}

/** No control character: a bare CR or a NUL is read differently by different parties. */
function isText(byte: number): boolean {
  return byte === TAB || (byte >= SPACE && byte !== DELETE);
}
