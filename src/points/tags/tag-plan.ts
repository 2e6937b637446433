import type { SamplePart } from "../../exposition/family-table.ts";
import { type LabelShape, MAX_SHAPE_BYTES } from "../../exposition/label-shape.ts";
import type { SampleLine } from "../../exposition/sample-line.ts";
import { unescapeInto } from "../../exposition/unescape.ts";
import { LineBuffer } from "../../lineprotocol/line-buffer.ts";
import { TAG_VALUE_MAX_ENCODED, writeTagValue } from "../../lineprotocol/tag-value.ts";
import type { LabelName } from "../../rules/label-table.ts";
import { writeTag } from "../output-point.ts";
import { printedFloat } from "./printed-floats.ts";
import { FIXED, type TagSlots } from "./tag-slots.ts";

const VALUE_ESCAPED = 2;
const plain = new Uint8Array(MAX_SHAPE_BYTES);
const encoded = new Uint8Array(TAG_VALUE_MAX_ENCODED);

/**
 * The tags of lines of one shape, put together: which labels become tags, in which order, and the
 * text they made of the last such line. Names alone decide that, so that in the next line only
 * values that have changed are written anew.
 */
export class TagPlan {
  readonly #shape: LabelShape;
  readonly #part: SamplePart;
  readonly #names: readonly LabelName[];
  /** `,name=value…` as written last. */
  readonly #text = new LineBuffer(256);
  /**
   * Labels that are tags, in the order of the text: where the value of each stands there, and
   * whether it is printed anew.
   */
  readonly #labels: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #printed: boolean[] = [];
  /** Labels that made no tag because nothing was left of their values. */
  readonly #empty: number[] = [];
  #writtenAt: number;
  /** A field whose name no tag has. */
  #field: LabelName | undefined;

  /** `tags`: those of `line`, sorted. */
  constructor(shape: LabelShape, part: SamplePart, tags: TagSlots, line: SampleLine) {
    this.#shape = shape;
    this.#part = part;
    this.#names = tags.names.slice(0, tags.count);
    this.#writtenAt = line.number;
    for (let place = 0; place < tags.count; place++) {
      this.#write(tags, tags.order[place] as number);
    }
  }

  /** Whether it holds for such lines whose field has this name. */
  fits(shape: LabelShape, part: SamplePart, field: LabelName): boolean {
    if (this.#shape !== shape || this.#part !== part) {
      return false;
    }
    if (this.#field !== field) {
      if (this.#names.includes(field)) {
        return false;
      }
      this.#field = field;
    }
    return true;
  }

  /**
   * The tags of `line`, which it fits; undefined where they have to be put together anew. Valid
   * until the next call.
   */
  tags(line: SampleLine, bytes: Uint8Array): LineBuffer | undefined {
    const { changedAt } = this.#shape;
    const writtenAt = this.#writtenAt;
    for (const label of this.#empty) {
      if ((changedAt[label] as number) > writtenAt) {
        return undefined;
      }
    }
    for (let tag = 0; tag < this.#labels.length; tag++) {
      const label = this.#labels[tag] as number;
      if ((changedAt[label] as number) <= writtenAt) {
        continue;
      }
      const value = this.#printed[tag] ? printedValue(line, bytes, label) : encoded;
      const length = value === encoded ? encodeValue(line, bytes, label) : value.length;
      if (length === 0) {
        return undefined;
      }
      this.#replace(tag, value, length);
    }
    this.#writtenAt = line.number;
    return this.#text;
  }

  #write(tags: TagSlots, slot: number): void {
    const text = this.#text;
    const label = tags.labels[slot] as number;
    const before = text.length;
    writeTag(text, tags, slot);
    const name = (tags.names[slot] as LabelName).encoded;
    if (label === FIXED || name.length === 0) {
      return;
    }
    if (text.length === before) {
      this.#empty.push(label);
      return;
    }
    this.#labels.push(label);
    this.#starts.push(before + name.length + 2);
    this.#ends.push(text.length);
    this.#printed.push(tags.encoded[slot] === 1);
  }

  #replace(tag: number, value: Uint8Array, length: number): void {
    const text = this.#text;
    const start = this.#starts[tag] as number;
    const end = this.#ends[tag] as number;
    const shift = start + length - end;
    if (shift !== 0) {
      text.ensure(shift);
      text.bytes.copyWithin(end + shift, end, text.length);
      text.length += shift;
      this.#ends[tag] = end + shift;
      for (let behind = tag + 1; behind < this.#labels.length; behind++) {
        this.#starts[behind] = (this.#starts[behind] as number) + shift;
        this.#ends[behind] = (this.#ends[behind] as number) + shift;
      }
    }
    const { bytes } = text;
    for (let at = 0; at < length; at++) {
      bytes[start + at] = value[at] as number;
    }
  }
}

/** The value of `le` or `quantile`, encoded. */
export function printedValue(
  { spans, escapes }: SampleLine,
  bytes: Uint8Array,
  label: number,
): Uint8Array {
  const start = spans[4 * label + 2] as number;
  const end = spans[4 * label + 3] as number;
  return printedFloat(bytes, start, end, ((escapes[label] as number) & VALUE_ESCAPED) !== 0);
}

/** Writes the value of a label to `encoded` and answers its length. */
function encodeValue(line: SampleLine, bytes: Uint8Array, label: number): number {
  const start = line.spans[4 * label + 2] as number;
  const end = line.spans[4 * label + 3] as number;
  if (((line.escapes[label] as number) & VALUE_ESCAPED) === 0) {
    return writeTagValue(encoded, 0, bytes, start, end);
  }
  return writeTagValue(encoded, 0, plain, 0, unescapeInto(plain, bytes, start, end));
}
