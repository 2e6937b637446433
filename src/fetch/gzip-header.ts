import { crc32 } from "node:zlib";

const MAGIC_1 = 0x1f;
const MAGIC_2 = 0x8b;
const DEFLATE = 8;
const FIXED_BYTES = 10;
/** Bits of the byte of flags. */
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

type Part = "fixed" | "extra length" | "extra" | "name" | "comment" | "crc" | "over";

/**
 * The header of one gzip member (RFC 1952, 2.3), in pieces:
 *
 *     1f 8b 08 flags time[4] xfl os · [length[2] extra] · [name 0] · [comment 0] · [crc16]
 */
export class GzipHeader {
  #part: Part = "fixed";
  /** Bytes of the part read. */
  #at = 0;
  #flags = 0;
  #extraBytes = 0;
  #crc = 0;
  #ownCrc = 0;
  #fault: string | undefined;

  /** Reads on, at most to the end of the header, and answers how many bytes were its own. */
  read(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#part !== "over" && this.#part !== "crc") {
      this.#take(bytes[at++] as number);
      if (this.#fault !== undefined) {
        return at;
      }
    }
    this.#crc = crc32(bytes.subarray(0, at), this.#crc);
    while (at < bytes.length && this.#part === "crc") {
      this.#takeCrc(bytes[at++] as number);
    }
    return at;
  }

  get begun(): boolean {
    return this.#part !== "fixed" || this.#at > 0;
  }

  get over(): boolean {
    return this.#part === "over";
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  #take(byte: number): void {
    const at = this.#at++;
    switch (this.#part) {
      case "fixed":
        this.#takeFixed(at, byte);
        break;
      case "extra length":
        this.#extraBytes |= byte << (8 * at);
        if (at === 1) {
          this.#begin(this.#extraBytes > 0 ? "extra" : this.#after("extra"));
        }
        break;
      case "extra":
        if (this.#at === this.#extraBytes) {
          this.#begin(this.#after("extra"));
        }
        break;
      case "name":
      case "comment":
        if (byte === 0) {
          this.#begin(this.#after(this.#part));
        }
        break;
      case "crc":
      case "over":
        throw new Error("a byte behind the header");
    }
  }

  #takeCrc(byte: number): void {
    const at = this.#at++;
    this.#ownCrc |= byte << (8 * at);
    if (at === 1) {
      this.#part = "over";
      this.#fault = this.#ownCrc === (this.#crc & 0xffff) ? undefined : "header crc mismatch";
    }
  }

  #takeFixed(at: number, byte: number): void {
    if ((at === 0 && byte !== MAGIC_1) || (at === 1 && byte !== MAGIC_2)) {
      this.#fault = "incorrect header check";
    } else if (at === 2 && byte !== DEFLATE) {
      this.#fault = "unknown compression method";
    } else if (at === 3) {
      this.#flags = byte;
      this.#fault = (byte & RESERVED) === 0 ? undefined : "unknown header flags set";
    } else if (at === FIXED_BYTES - 1) {
      this.#begin(this.#after("fixed"));
    }
  }

  #begin(part: Part): void {
    this.#part = part;
    this.#at = 0;
  }

  /** The part that follows `part`, by the flags. */
  #after(part: "fixed" | "extra" | "name" | "comment"): Part {
    const flags = this.#flags;
    switch (part) {
      case "fixed":
        return (flags & EXTRA) === 0 ? this.#after("extra") : "extra length";
      case "extra":
        return (flags & NAME) === 0 ? this.#after("name") : "name";
      case "name":
        return (flags & COMMENT) === 0 ? this.#after("comment") : "comment";
      case "comment":
        return (flags & HEADER_CRC) === 0 ? "over" : "crc";
    }
  }
}
