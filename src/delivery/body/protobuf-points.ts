/*
 * Line protocol as DataWay's protobuf (specification, 4.6):
 *
 *     PBPoints  1: PBPoint, repeated
 *     PBPoint   1: name   2: Field, repeated   3: varint nanoseconds
 *     Field     1: key    2: varint int64   3: varint uint64   4: double   5: varint bool   8: varint is_tag   11: string
 *
 * Tags come first, as fields with is_tag and a string; fields of a message are in the order of their numbers. Text is handled as one
 * character a byte, so UTF-8 passes as it is.
 */

const BACKSLASH = "\\";
/** What ends or may be escaped in names, keys and tag values; elsewhere a backslash is itself (specification, 4.5). */
const IN_NAME = ", ";
const IN_KEY = ",= ";
const IN_FIELD_KEY = ',= "';
const IN_STRING = '"\\';

/** The PBPoints message of whole lines of line protocol; undefined: they are none. */
export function protobufPoints(lines: Uint8Array): Uint8Array | undefined {
  const reader = new LineReader(Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength));
  const points: Buffer[] = [];
  while (!reader.done) {
    const point = reader.point();
    if (point === undefined) {
      return undefined;
    }
    points.push(lengthDelimited(1, point));
  }
  return Buffer.concat(points);
}

class LineReader {
  readonly #text: string;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#text = bytes.toString("latin1");
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  point(): Buffer | undefined {
    const parts = [text(1, this.#word(IN_NAME))];
    while (this.#passes(",")) {
      const key = this.#word(IN_KEY);
      if (!this.#passes("=")) {
        return undefined;
      }
      const tag = [text(1, key), varint(8, 1n), text(11, this.#word(IN_KEY))];
      parts.push(lengthDelimited(2, Buffer.concat(tag)));
    }
    do {
      // The blank before the fields, or the comma between them.
      this.#at += 1;
      const key = this.#word(IN_FIELD_KEY);
      const value = this.#passes("=") ? this.#value() : undefined;
      if (value === undefined) {
        return undefined;
      }
      parts.push(lengthDelimited(2, Buffer.concat([text(1, key), value])));
    } while (this.#text[this.#at] === ",");
    const time = this.#passes(" ") ? this.#untilEnd() : "";
    if (!(/^-?\d+$/.test(time) && this.#passes("\n"))) {
      return undefined;
    }
    return Buffer.concat([...parts, varint(3, BigInt(time))]);
  }

  #passes(character: string): boolean {
    const passes = this.#text[this.#at] === character;
    this.#at += passes ? 1 : 0;
    return passes;
  }

  /** Up to one of `ends` that is not escaped; an escaped one loses its backslash. */
  #word(ends: string): string {
    let word = "";
    for (; this.#at < this.#text.length; this.#at += 1) {
      const here = this.#text.charAt(this.#at);
      const next = this.#text.charAt(this.#at + 1);
      if (here === BACKSLASH && next !== "" && ends.includes(next)) {
        word += next;
        this.#at += 1;
      } else if (ends.includes(here) || here === "\n") {
        break;
      } else {
        word += here;
      }
    }
    return word;
  }

  #value(): Buffer | undefined {
    if (this.#text[this.#at] === '"') {
      return this.#string();
    }
    const word = this.#word(", ");
    const [, digits = "", kind] = /^(-?\d+)([iu])$/.exec(word) ?? [];
    if (kind !== undefined) {
      return varint(kind === "i" ? 2 : 3, BigInt(digits));
    }
    if (word === "true" || word === "false") {
      return varint(5, word === "true" ? 1n : 0n);
    }
    const number = word === "" ? Number.NaN : Number(word);
    return Number.isFinite(number) ? double(4, number) : undefined;
  }

  /** May hold line ends. */
  #string(): Buffer | undefined {
    let value = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const here = this.#text.charAt(this.#at);
      const next = this.#text.charAt(this.#at + 1);
      if (here === BACKSLASH && next !== "" && IN_STRING.includes(next)) {
        value += next;
        this.#at += 1;
      } else if (here === '"') {
        this.#at += 1;
        return text(11, value);
      } else {
        value += here;
      }
    }
    return undefined;
  }

  #untilEnd(): string {
    const end = this.#text.indexOf("\n", this.#at);
    const rest = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at += rest.length;
    return rest;
  }
}

function text(field: number, value: string): Buffer {
  return lengthDelimited(field, Buffer.from(value, "latin1"));
}

function lengthDelimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([
    varintBytes(BigInt((field << 3) | 2)),
    varintBytes(BigInt(bytes.length)),
    bytes,
  ]);
}

function varint(field: number, value: bigint): Buffer {
  return Buffer.concat([varintBytes(BigInt(field << 3)), varintBytes(value)]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** A negative number takes ten bytes. */
function varintBytes(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
