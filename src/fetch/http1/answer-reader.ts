import { closedByPeer, type FetchFault, fault } from "../fetch-fault.ts";
import { type BodyFraming, framingOf } from "./body-framing.ts";
import { type BodyReceiver, ChunkedBody } from "./chunked-body.ts";
import { HeadReader } from "./head-reader.ts";
import { parseHead, type ResponseHead } from "./response-head.ts";

/** Takes one answer as it comes: the head once, then the body. */
export interface AnswerReceiver extends BodyReceiver {
  onHead(head: ResponseHead, framing: BodyFraming): void;
}

/** What the bytes so far come to. */
export type AnswerStep = "more" | "ended" | FetchFault;

/**
 * Reads answers to GET off a connection, one at a time, in whatever pieces they come. Whatever those are, the result is a
 * step; it throws only what the receiver throws.
 */
export class AnswerReader {
  readonly #head: HeadReader;
  readonly #chunks: ChunkedBody;
  #framing: BodyFraming | undefined;
  #left = 0;
  #answered = false;
  #keepMs = 0;

  /** `headerBytes`: bound of the heads of one answer, and of its trailers. */
  constructor(headerBytes: number) {
    this.#head = new HeadReader(headerBytes);
    this.#chunks = new ChunkedBody(headerBytes);
  }

  /** A byte of the answer has come. */
  get answered(): boolean {
    return this.#answered;
  }

  get inBody(): boolean {
    return this.#framing !== undefined;
  }

  /** After `ended`: milliseconds for which the connection may be kept; 0: it must not be used again. */
  get keepMs(): number {
    return this.#keepMs;
  }

  /** The next bytes are those of another answer. */
  begin(): void {
    this.#head.begin();
    this.#framing = undefined;
    this.#answered = false;
    this.#keepMs = 0;
  }

  /** The first `length` of `bytes`, which are the caller's again afterwards. Not to be called after `ended` or a fault. */
  take(bytes: Buffer, length: number, receiver: AnswerReceiver): AnswerStep {
    this.#answered = true;
    let at = 0;
    while (this.#framing === undefined) {
      at = this.#head.take(bytes, at, length);
      const text = this.#head.text;
      if (this.#head.fault !== undefined || text === undefined) {
        return this.#head.fault ?? "more";
      }
      const trouble = this.#begin(text, receiver);
      if (trouble !== undefined) {
        return trouble;
      }
    }
    return this.#body(this.#framing, bytes, at, length, receiver);
  }

  /** The peer sends no more. */
  close(): AnswerStep {
    return this.#framing?.end === "close"
      ? "ended"
      : closedByPeer(this.inBody ? "body" : "waiting");
  }

  #begin(text: string, receiver: AnswerReceiver): FetchFault | undefined {
    const head = parseHead(text);
    if ("kind" in head) {
      return head;
    }
    if (head.status === 101) {
      return fault("protocol", "the target switched to another protocol unasked");
    }
    if (head.status < 200) {
      this.#head.next();
      return;
    }
    const framing = framingOf(head);
    if ("kind" in framing) {
      return framing;
    }
    this.#framing = framing;
    this.#left = framing.bytes;
    if (framing.end === "chunked") {
      this.#chunks.begin();
    }
    receiver.onHead(head, framing);
    return;
  }

  #body(
    { end, keepMs }: BodyFraming,
    bytes: Buffer,
    start: number,
    length: number,
    receiver: AnswerReceiver,
  ): AnswerStep {
    let at = start;
    if (end === "chunked") {
      at = this.#chunks.take(bytes, start, length, receiver);
      if (!this.#chunks.ended || this.#chunks.fault !== undefined) {
        return this.#chunks.fault ?? "more";
      }
    } else {
      at = end === "close" ? length : Math.min(length, start + this.#left);
      this.#left -= at - start;
      if (at > start) {
        receiver.onBody(bytes.subarray(start, at));
      }
      if (end === "close" || this.#left > 0) {
        return "more";
      }
    }
    // What nobody asked for may be meant as the answer to a request to come.
    this.#keepMs = at === length ? keepMs : 0;
    return "ended";
  }
}
