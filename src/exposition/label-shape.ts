import type { Dialect } from "./dialect.ts";
import { isUtf8 } from "./utf8.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NON_ASCII = 0x80;
const NAME_ESCAPED = 1;
const VALUE_ESCAPED = 2;

/** A histogram's lines and those between them take turns. */
const MAX_SHAPES = 6;
/** From here on the engine copies faster than a loop, which needs no view of a part. */
const LONG_BYTES = 64;
/** Bytes between the braces; longer ones are parsed anew in every line. */
export const MAX_SHAPE_BYTES = 4096;

/**
 * Lines with the same label names, in the same places and spelled the same: everything but their
 * values is equal. Holds the last line of them.
 */
export class LabelShape {
  readonly dialect: Dialect;
  readonly labelCount: number;
  /** What stood between the braces, the closing one included. */
  text: Uint8Array<ArrayBuffer>;
  view: DataView;
  length: number;
  /** As those of a line, but offsets in `text`. */
  readonly spans: Int32Array;
  readonly escapes: Uint8Array;
  /** The line in which each label's value last became what it is, as `SampleLine.number` counts. */
  readonly changedAt: Float64Array;

  /** Of the labels of `line`; `text`: its braces, which begin at `start` of the line's bytes. */
  constructor(dialect: Dialect, line: Labels, text: Uint8Array<ArrayBuffer>, start: number) {
    const { labelCount } = line;
    this.dialect = dialect;
    this.labelCount = labelCount;
    this.text = text;
    this.view = new DataView(text.buffer);
    this.length = text.length;
    this.spans = line.spans.slice(0, 4 * labelCount);
    for (let at = 0; at < 4 * labelCount; at++) {
      this.spans[at] = (this.spans[at] as number) - start;
    }
    this.escapes = line.escapes.slice(0, labelCount);
    this.changedAt = new Float64Array(labelCount).fill(line.number);
  }

  /** Its text is `bytes[start, end)` from here on; up to `same` it was so before. */
  hold(bytes: Uint8Array, start: number, end: number, same: number): void {
    const length = end - start;
    if (length > this.text.length) {
      const text = new Uint8Array(2 * length);
      text.set(this.text.subarray(0, same));
      this.text = text;
      this.view = new DataView(text.buffer);
    }
    this.length = length;
    if (length - same > LONG_BYTES) {
      this.text.set(bytes.subarray(start + same, end), same);
      return;
    }
    const { text } = this;
    for (let at = same; at < length; at++) {
      text[at] = bytes[start + at] as number;
    }
  }
}

/** The labels of a line, as `SampleLine` holds them. */
interface ShapedLine extends Labels {
  labelCount: number;
  shape: LabelShape | undefined;
}

interface Labels {
  readonly labelCount: number;
  readonly spans: Int32Array;
  readonly escapes: Uint8Array;
  readonly number: number;
}

const NO_LABELS: Labels = {
  labelCount: 0,
  spans: new Int32Array(0),
  escapes: new Uint8Array(0),
  number: 0,
};

/** Of lines without braces. */
export const BARE_SHAPE = new LabelShape("text", NO_LABELS, new Uint8Array(0), 0);

/**
 * The shapes of the last lines. A line of a known shape need not be parsed label by label: it is
 * compared with the last one of that shape, eight bytes at a time (0.2 ns a byte), and only values
 * that differ are looked at (1.2 ns a byte).
 */
export class LabelShapes {
  /** The youngest first. */
  readonly #shapes: LabelShape[] = [];
  #view = new DataView<ArrayBufferLike>(new ArrayBuffer(0));
  /**
   * Of the line at hand: labels whose values differ, where each of them now ends, whether it has an
   * escape.
   */
  readonly #labels: number[] = [];
  readonly #ends: number[] = [];
  readonly #flags: number[] = [];
  #changes = 0;

  clear(): void {
    this.#shapes.length = 0;
    this.#view = new DataView(new ArrayBuffer(0));
  }

  /**
   * From behind `{` to behind `}` of a line whose name stands before them: sets the labels of
   * `line` as `parseBraces` does and answers the position, or -1 where that has to do it.
   */
  follow(
    bytes: Uint8Array,
    start: number,
    end: number,
    dialect: Dialect,
    line: ShapedLine,
  ): number {
    if (this.#view.buffer !== bytes.buffer) {
      this.#view = new DataView(bytes.buffer);
    }
    const shapes = this.#shapes;
    for (let place = 0; place < shapes.length; place++) {
      const shape = shapes[place] as LabelShape;
      const at = shape.dialect === dialect ? this.#compare(shape, bytes, start, end) : -1;
      if (at >= 0) {
        for (let to = place; to > 0; to--) {
          shapes[to] = shapes[to - 1] as LabelShape;
        }
        shapes[0] = shape;
        this.#take(shape, bytes, start, at, line);
        return at;
      }
    }
    return -1;
  }

  /**
   * Remembers the shape of a line that `parseBraces` took, `bytes[start, end)` from behind `{` to
   * behind `}`.
   */
  learn(bytes: Uint8Array, start: number, end: number, dialect: Dialect, line: ShapedLine): void {
    if (end - start > MAX_SHAPE_BYTES) {
      line.shape = undefined;
      return;
    }
    line.shape = new LabelShape(dialect, line, new Uint8Array(bytes.subarray(start, end)), start);
    this.#shapes.unshift(line.shape);
    this.#shapes.length = Math.min(this.#shapes.length, MAX_SHAPES);
  }

  /**
   * Answers the position behind `}` where the line has this shape, with the values that differ
   * noted, or -1.
   */
  #compare(shape: LabelShape, bytes: Uint8Array, start: number, end: number): number {
    const { spans, labelCount, length } = shape;
    const view = this.#view;
    const { byteOffset } = bytes;
    this.#changes = 0;
    let at = start;
    let from = 0;
    let label = 0;
    for (;;) {
      const most = Math.min(end - at, length - from);
      const same = commonPrefix(view, byteOffset + at, shape.view, from, most);
      at += same;
      from += same;
      if (from === length) {
        return at;
      }
      while (label < labelCount && (spans[4 * label + 3] as number) < from) {
        label++;
      }
      if (at === end || label === labelCount || from < (spans[4 * label + 2] as number)) {
        return -1;
      }
      // The value differs: from its start, since what precedes the difference may hold an escape.
      at = this.#change(label, bytes, at - from + (spans[4 * label + 2] as number), end);
      if (at < 0 || at - start > MAX_SHAPE_BYTES) {
        return -1;
      }
      from = spans[4 * label + 3] as number;
      label++;
    }
  }

  /**
   * Notes the value of a label, which starts at `start`; answers its end, -1 where it is malformed.
   */
  #change(label: number, bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isPlain(bytes[at] as number)) {
      at++;
    }
    let high = 0;
    let flags = 0;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        break;
      }
      if (byte === BACKSLASH) {
        flags = VALUE_ESCAPED;
        high = NON_ASCII;
        at++;
      }
      high |= byte;
      at++;
    }
    if (at >= end || ((high & NON_ASCII) !== 0 && !isUtf8(bytes, start, at))) {
      return -1;
    }
    const change = this.#changes++;
    this.#labels[change] = label;
    this.#ends[change] = at;
    this.#flags[change] = flags;
    return at;
  }

  /** The line, between `start` and `end`, is the last one of this shape now. */
  #take(shape: LabelShape, bytes: Uint8Array, start: number, end: number, line: ShapedLine): void {
    if (this.#changes > 0) {
      this.#shift(shape, start, line.number);
      shape.hold(bytes, start, end, shape.spans[4 * (this.#labels[0] as number) + 2] as number);
    }
    const { spans, escapes, labelCount } = shape;
    for (let at = 0; at < 4 * labelCount; at++) {
      line.spans[at] = start + (spans[at] as number);
    }
    for (let label = 0; label < labelCount; label++) {
      line.escapes[label] = escapes[label] as number;
    }
    line.labelCount = labelCount;
    line.shape = shape;
  }

  /** Values have changed their length: what stands behind them has moved. */
  #shift(shape: LabelShape, start: number, lineNumber: number): void {
    const { spans, escapes, changedAt, labelCount } = shape;
    let change = 0;
    let shift = 0;
    for (let label = this.#labels[0] as number; label < labelCount; label++) {
      const span = 4 * label;
      spans[span] = (spans[span] as number) + shift;
      spans[span + 1] = (spans[span + 1] as number) + shift;
      spans[span + 2] = (spans[span + 2] as number) + shift;
      if (change < this.#changes && this.#labels[change] === label) {
        const end = (this.#ends[change] as number) - start;
        shift = end - (spans[span + 3] as number);
        spans[span + 3] = end;
        escapes[label] =
          ((escapes[label] as number) & NAME_ESCAPED) | (this.#flags[change] as number);
        changedAt[label] = lineNumber;
        change++;
      } else {
        spans[span + 3] = (spans[span + 3] as number) + shift;
      }
    }
  }
}

/** Nothing is to be known of the byte but that it belongs to the value. */
function isPlain(byte: number): boolean {
  return byte !== QUOTE && byte !== BACKSLASH && byte < NON_ASCII;
}

/** How many of `most` bytes are equal. */
function commonPrefix(
  view: DataView,
  start: number,
  other: DataView,
  otherStart: number,
  most: number,
): number {
  let at = 0;
  // As floats, the only eight bytes that compare without an allocation: equal floats other than 0
  // have equal bytes, and those that are equal and no number, or 0, are left to the next loop.
  while (at + 8 <= most) {
    const word = view.getFloat64(start + at, true);
    if (word !== other.getFloat64(otherStart + at, true) || word === 0) {
      break;
    }
    at += 8;
  }
  while (at < most && view.getUint8(start + at) === other.getUint8(otherStart + at)) {
    at++;
  }
  return at;
}
