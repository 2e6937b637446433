// Prometheus remote write 1.0, the fields that counting needs:
//
//   WriteRequest  1: TimeSeries, repeated
//   TimeSeries    1: Label, repeated   2: Sample, repeated
//   Label         1: name              2: value
//   Sample        1: value, double     2: milliseconds

import { type BodyCount, noSamples } from "./body-count.ts";

const LABEL = 0x0a;
const SAMPLE = 0x12;
const FIRST_FIELD = 0x0a;
const SECOND_FIELD = 0x12;
const DOUBLE = 0x09;
const LENGTH_DELIMITED = 2;
const VARINT = 0;

const NAME_LABEL = Buffer.from("__name__");
/** What agents say of a scrape. */
const OWN_NAME = /^(?:up|scrape_.*)$/;
/** The not-a-number that says "this series has ended", as it stands in memory. */
const STALE = Buffer.from([0x02, 0, 0, 0, 0, 0, 0xf0, 0x7f]);

/** Counts the samples of an uncompressed write request. Throws a RangeError where it is none. */
export function countRemoteWrite(body: Buffer): BodyCount {
  const count = noSamples();
  const cursor = new Cursor(body, 0, body.length);
  while (!cursor.done) {
    if (cursor.tag() === FIRST_FIELD) {
      countSeries(body, cursor.span(), count);
    } else {
      cursor.skip();
    }
  }
  return count;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function countSeries(body: Buffer, { start, end }: Span, count: BodyCount): void {
  const cursor = new Cursor(body, start, end);
  let own = false;
  let samples = 0;
  while (!cursor.done) {
    switch (cursor.tag()) {
      case LABEL:
        own = isOwnName(body, cursor.span()) || own;
        break;
      case SAMPLE:
        if (isStale(body, cursor.span())) {
          count.staleMarkers++;
        } else {
          samples++;
        }
        break;
      default:
        cursor.skip();
    }
  }
  count.ownSamples += own ? samples : 0;
  count.samples += own ? 0 : samples;
}

function isOwnName(body: Buffer, { start, end }: Span): boolean {
  const cursor = new Cursor(body, start, end);
  if (cursor.tag() !== FIRST_FIELD) {
    return false;
  }
  const name = cursor.span();
  if (body.compare(NAME_LABEL, 0, NAME_LABEL.length, name.start, name.end) !== 0) {
    return false;
  }
  if (cursor.done || cursor.tag() !== SECOND_FIELD) {
    return false;
  }
  const value = cursor.span();
  return OWN_NAME.test(body.toString("latin1", value.start, value.end));
}

function isStale(body: Buffer, { start, end }: Span): boolean {
  const value = start + 1;
  return (
    body[start] === DOUBLE &&
    value + STALE.length <= end &&
    body.compare(STALE, 0, STALE.length, value, value + STALE.length) === 0
  );
}

class Cursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #tag = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  tag(): number {
    this.#tag = this.#varint();
    return this.#tag;
  }

  /** Of the length-delimited field whose tag was read last. */
  span(): Span {
    const length = this.#varint();
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#end) {
      throw new RangeError("remote write: a field reaches beyond its message");
    }
    return { start, end: this.#at };
  }

  skip(): void {
    switch (this.#tag & 7) {
      case VARINT:
        this.#varint();
        break;
      case LENGTH_DELIMITED:
        this.span();
        break;
      case 1:
        this.#at += 8;
        break;
      case 5:
        this.#at += 4;
        break;
      default:
        throw new RangeError("remote write: unknown kind of field");
    }
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
  }
}
