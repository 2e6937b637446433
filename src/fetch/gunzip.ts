import { crc32 } from "node:zlib";
import { InflateMemory, type Inflater } from "../inflate/inflater.ts";
import { loadWasm } from "../wasm-file.ts";
import type { Decompressor, DecompressorOwner } from "./decompressor-owner.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import { GzipHeader } from "./gzip-header.ts";
import type { StageBytes } from "./stage-bytes.ts";

/** Bodies that one thread inflates at a time; zlib takes those beyond. */
const MAX_ROOMS = 64;
const TRAILER_BYTES = 8;

/** The thread's inflater; `none` where the machine cannot run it. */
let memory: InflateMemory | "none" | undefined;

/** Undefined: the thread has no inflater, or none that is free. */
export function openGunzip(bytes: StageBytes, owner: DecompressorOwner): Gunzip | undefined {
  memory ??= openMemory();
  const inflater = memory === "none" ? undefined : memory.take();
  return inflater && new Gunzip(inflater, bytes, owner);
}

function openMemory(): InflateMemory | "none" {
  const file = loadWasm("inflate");
  return file.kind === "missing" ? "none" : new InflateMemory(file.module, MAX_ROOMS);
}

/**
 * The coding `gzip`, undone by our own inflater within the call: members one after the other, each
 *
 *     header · deflate stream · CRC-32[4] · length[4]
 *
 * A zero byte in place of another member is padding, and so is all that follows it, as zlib has it.
 */
export class Gunzip implements Decompressor {
  readonly #inflater: Inflater;
  readonly #bytes: StageBytes;
  readonly #owner: DecompressorOwner;
  #part: "header" | "stream" | "trailer" | "padding" = "header";
  #header = new GzipHeader();
  #members = 0;
  readonly #trailer = new DataView(new ArrayBuffer(TRAILER_BYTES));
  #trailerBytes = 0;
  #crc = 0;
  /** Of the member's text, modulo 2^32. */
  #length = 0;
  #paused = false;
  /** Input that came while it was paused, or before it could be used up. */
  #waiting: Uint8Array[] = [];
  /** The last write was answered with `false`. */
  #full = false;
  #inputEnded = false;
  #over = false;

  constructor(inflater: Inflater, bytes: StageBytes, owner: DecompressorOwner) {
    this.#inflater = inflater;
    this.#bytes = bytes;
    this.#owner = owner;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#over) {
      return true;
    }
    const trouble = this.#bytes.take(bytes.length);
    if (trouble !== undefined) {
      this.#fail(trouble);
      return true;
    }
    if (this.#full) {
      this.#waiting.push(Uint8Array.from(bytes));
      return false;
    }
    this.#full = !this.#use(bytes);
    return this.#over || !this.#full;
  }

  end(): void {
    this.#inputEnded = true;
    if (!this.#full) {
      this.#finish();
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#full || this.#over) {
      return;
    }
    if (!this.#inflate()) {
      return;
    }
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
      if (!this.#use(bytes)) {
        return;
      }
    }
    this.#full = false;
    this.#owner.onDrain();
    if (this.#inputEnded) {
      this.#finish();
    }
  }

  destroy(): void {
    if (!this.#over) {
      this.#over = true;
      this.#waiting = [];
      this.#inflater.release();
    }
  }

  /** False: it was stopped on the way, and keeps what is left. */
  #use(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#paused) {
        this.#waiting.unshift(Uint8Array.from(bytes.subarray(at)));
        return false;
      }
      at += this.#inflater.feed(at === 0 ? bytes : bytes.subarray(at));
      if (!this.#inflate()) {
        if (!this.#over && at < bytes.length) {
          this.#waiting.unshift(Uint8Array.from(bytes.subarray(at)));
        }
        return false;
      }
    }
    return true;
  }

  /** Works through what the inflater has been fed. False: it was stopped on the way. */
  #inflate(): boolean {
    while (!this.#over && !this.#paused) {
      const isUsedUp = this.#step();
      if (isUsedUp) {
        return !this.#over;
      }
    }
    return false;
  }

  /** True where there is nothing left to do with what was fed. */
  #step(): boolean {
    switch (this.#part) {
      case "header":
        return this.#readHeader();
      case "stream":
        return this.#runStream();
      case "trailer":
        return this.#readTrailer();
      case "padding":
        return true;
    }
  }

  #readHeader(): boolean {
    const unread = this.#inflater.unread;
    if (unread.length === 0) {
      return true;
    }
    if (this.#members > 0 && !this.#header.begun && unread[0] === 0) {
      this.#part = "padding";
      return true;
    }
    this.#inflater.skip(this.#header.read(unread));
    if (this.#header.fault !== undefined) {
      this.#fail(invalid(this.#header.fault));
    } else if (this.#header.over) {
      this.#part = "stream";
      this.#crc = 0;
      this.#length = 0;
      this.#inflater.begin();
    }
    return false;
  }

  #runStream(): boolean {
    const status = this.#inflater.run();
    const { text } = this.#inflater;
    if (text.length > 0) {
      this.#crc = crc32(text, this.#crc);
      this.#length = (this.#length + text.length) >>> 0;
      const trouble = this.#bytes.give(text.length);
      if (trouble !== undefined) {
        this.#fail(trouble);
        return true;
      }
      this.#owner.onBytes(text);
    }
    if (this.#over || status === "more") {
      return true;
    }
    if (status === "done") {
      this.#part = "trailer";
      this.#trailerBytes = 0;
    } else if (status !== "full") {
      this.#fail(invalid(status));
    }
    return false;
  }

  #readTrailer(): boolean {
    const { unread } = this.#inflater;
    const count = Math.min(unread.length, TRAILER_BYTES - this.#trailerBytes);
    for (let at = 0; at < count; at++) {
      this.#trailer.setUint8(this.#trailerBytes++, unread[at] as number);
    }
    this.#inflater.skip(count);
    if (this.#trailerBytes < TRAILER_BYTES) {
      return true;
    }
    if (this.#trailer.getUint32(0, true) !== this.#crc) {
      this.#fail(invalid("incorrect data check"));
    } else if (this.#trailer.getUint32(4, true) !== this.#length) {
      this.#fail(invalid("incorrect length check"));
    } else {
      this.#members++;
      this.#part = "header";
      this.#header = new GzipHeader();
    }
    return false;
  }

  #finish(): void {
    if (this.#over) {
      return;
    }
    // An empty body is an empty page whatever coding it claims.
    const isWhole = this.#part === "padding" || (this.#part === "header" && !this.#header.begun);
    if (isWhole) {
      this.destroy();
      this.#owner.onEnd();
    } else {
      this.#fail(fault("truncated_body", "the gzip data ends too early"));
    }
  }

  #fail(trouble: FetchFault): void {
    this.destroy();
    this.#owner.onFault(trouble);
  }
}

function invalid(what: string): FetchFault {
  return fault("content_encoding", `not valid gzip data: ${what}`);
}
