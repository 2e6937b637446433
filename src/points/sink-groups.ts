import { encodeTagKey } from "../lineprotocol/escape.ts";
import type { Category } from "../payload.ts";

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;

/**
 * Many proxies refuse headers of 8 KiB, and the body with them: pairs that do not fit are left out.
 */
const MAX_TAGS_BYTES = 6 * 1024;
const MAX_TRIED = 8;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Lines of line protocol that agree in what the sinker goes by. */
export interface SinkGroup {
  /**
   * `key=value` pairs joined by commas, tags in the order of the line; empty where a line has none
   * of the keys.
   */
  readonly tags: string;
  /** Whole lines in their order; where all agree, those that were given. */
  readonly lines: Uint8Array;
  readonly points: number;
  readonly samples: number;
}

/**
 * Splits line protocol by the tags that DataWay's sinker goes by (datakit.md 5.6): tags and texts
 * of a point whose key is among `keys`, and where these ask for it `category`, and `measurement` or
 * `source`, which is the measurement. Reads lines as `PointWriter` writes them.
 */
export class SinkGroups {
  readonly #keys: readonly Uint8Array[];
  /** By byte: 1 where a key begins with it. */
  readonly #firstBytes = new Uint8Array(256);
  readonly #wanted: ReadonlySet<string>;
  /** Of the line at hand: where the pairs are that count, from and to, in turns. */
  readonly #pairs: number[] = [];
  #nameEnd = 0;
  #lineEnd = 0;
  #samples = 0;

  constructor(keys: readonly string[]) {
    this.#wanted = new Set(keys);
    this.#keys = keys.map(encodeTagKey).filter((key) => key.length > 0);
    for (const [first = 0] of this.#keys) {
      this.#firstBytes[first] = 1;
    }
  }

  /**
   * The groups of whole lines, in the order of their first lines. `lines` is only read while the
   * answer is used.
   */
  split(lines: Uint8Array, category: Category): readonly SinkGroup[] {
    const byName = this.#wanted.has(nameKey(category));
    const groups = new Map<string, OpenGroup>();
    let last: OpenGroup | undefined;
    for (let at = 0; at < lines.length; at = this.#lineEnd) {
      this.#read(lines, at);
      if (last === undefined || !this.#agrees(lines, at, last, byName)) {
        last =
          this.#recent(lines, at, groups, byName) ??
          this.#groupOf(lines, at, groups, category, byName);
      }
      this.#add(last, at);
    }
    const found = [...groups.values()];
    return found.map((group) => ({
      tags: group.tags,
      lines: found.length === 1 ? lines : gather(lines, group),
      points: group.points,
      samples: group.samples,
    }));
  }

  /** Comparing bytes with a few is cheaper than making the text. */
  #recent(
    lines: Uint8Array,
    at: number,
    groups: ReadonlyMap<string, OpenGroup>,
    byName: boolean,
  ): OpenGroup | undefined {
    let tried = 0;
    for (const group of groups.values()) {
      if (this.#agrees(lines, at, group, byName)) {
        return group;
      }
      tried++;
      if (tried === MAX_TRIED) {
        break;
      }
    }
    return undefined;
  }

  #groupOf(
    lines: Uint8Array,
    at: number,
    groups: Map<string, OpenGroup>,
    category: Category,
    byName: boolean,
  ): OpenGroup {
    const pairs = this.#pairs.slice();
    const nameEnd = this.#nameEnd;
    const tags = this.#tagsOf(lines, at, category);
    const known = groups.get(tags);
    const example = { at, nameEnd: byName ? nameEnd : at, pairs };
    if (known !== undefined) {
      known.example = example;
      return known;
    }
    const group = { tags, example, ranges: [], bytes: 0, points: 0, samples: 0 };
    groups.set(tags, group);
    return group;
  }

  #add(group: OpenGroup, at: number): void {
    const { ranges } = group;
    if (ranges.at(-1) === at) {
      ranges[ranges.length - 1] = this.#lineEnd;
    } else {
      ranges.push(at, this.#lineEnd);
    }
    group.bytes += this.#lineEnd - at;
    group.points++;
    group.samples += this.#samples;
  }

  #agrees(lines: Uint8Array, at: number, { example }: OpenGroup, byName: boolean): boolean {
    const pairs = this.#pairs;
    if (pairs.length !== example.pairs.length) {
      return false;
    }
    if (byName && !same(lines, at, this.#nameEnd, example.at, example.nameEnd)) {
      return false;
    }
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const [from, to] = [pairs[pair] as number, pairs[pair + 1] as number];
      const other = example.pairs[pair] as number;
      if (!same(lines, from, to, other, example.pairs[pair + 1] as number)) {
        return false;
      }
    }
    return true;
  }

  #tagsOf(lines: Uint8Array, at: number, category: Category): string {
    const name = nameKey(category);
    const found: string[] = [];
    for (let pair = 0; pair < this.#pairs.length; pair += 2) {
      found.push(pairText(lines, this.#pairs[pair] as number, this.#pairs[pair + 1] as number));
    }
    if (this.#wanted.has("category")) {
      found.push(`category=${category}`);
    }
    if (this.#wanted.has(name)) {
      found.push(`${name}=${plainText(lines, at, this.#nameEnd)}`);
    }
    let bytes = 0;
    const fitting = found.filter((one) => {
      const more = Buffer.byteLength(one) + 1;
      const fits = bytes + more <= MAX_TAGS_BYTES;
      bytes += fits ? more : 0;
      return fits;
    });
    return fitting.join(",");
  }

  /** Reads the line that begins at `at`. */
  #read(lines: Uint8Array, at: number): void {
    this.#pairs.length = 0;
    this.#samples = 0;
    let end = partEnd(lines, at);
    this.#nameEnd = end;
    while (lines[end] === COMMA) {
      const start = end + 1;
      end = partEnd(lines, start);
      this.#offer(lines, start, end);
    }
    do {
      const start = end + 1;
      end = partEnd(lines, start);
      this.#field(lines, start, end);
    } while (lines[end] === COMMA);
    const feed = lines.indexOf(LINE_FEED, end);
    this.#lineEnd = feed < 0 ? lines.length : feed + 1;
  }

  /** Values of samples are floats; `up`, times and the status are not samples. */
  #field(lines: Uint8Array, start: number, end: number): void {
    const last = lines[end - 1];
    if (last === QUOTE) {
      this.#offer(lines, start, end);
    } else if (last !== LETTER_I) {
      this.#samples++;
    }
  }

  #offer(lines: Uint8Array, start: number, end: number): void {
    if (this.#firstBytes[lines[start] as number] === 0) {
      return;
    }
    for (let at = 0; at < this.#keys.length; at++) {
      if (begins(lines, start, end, this.#keys[at] as Uint8Array)) {
        this.#pairs.push(start, end);
        return;
      }
    }
  }
}

interface OpenGroup {
  readonly tags: string;
  /** A line of it. */
  example: { readonly at: number; readonly nameEnd: number; readonly pairs: readonly number[] };
  /** Where its lines are, from and to, in turns. */
  readonly ranges: number[];
  bytes: number;
  points: number;
  samples: number;
}

/** What the measurement is called as a key. */
function nameKey(category: Category): string {
  return category === "metric" ? "measurement" : "source";
}

/** Up to the comma or blank that no backslash escapes. */
function partEnd(lines: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    // Nearly all bytes are above the comma. Behind the end there are none, which ends the loop too.
    let byte = lines[at] as number;
    while (byte > COMMA && byte !== BACKSLASH) {
      at++;
      byte = lines[at] as number;
    }
    if (byte === BACKSLASH) {
      at += isEscaped(lines[at + 1]) ? 2 : 1;
    } else if (byte === COMMA || byte === BLANK || byte === undefined) {
      return at;
    } else {
      at++;
    }
  }
}

/** A backslash before anything else stands for itself. */
function isEscaped(byte: number | undefined): boolean {
  return byte === COMMA || byte === BLANK || byte === EQUALS;
}

function begins(lines: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  if (end - start <= key.length || lines[start + key.length] !== EQUALS) {
    return false;
  }
  for (let at = 0; at < key.length; at++) {
    if (lines[start + at] !== key[at]) {
      return false;
    }
  }
  return true;
}

function same(
  lines: Uint8Array,
  from: number,
  to: number,
  otherFrom: number,
  otherTo: number,
): boolean {
  if (to - from !== otherTo - otherFrom) {
    return false;
  }
  for (let at = from, other = otherFrom; at < to; at++, other++) {
    if (lines[at] !== lines[other]) {
      return false;
    }
  }
  return true;
}

/** `key=value` without escapes, and without the quotes of a text. */
function pairText(lines: Uint8Array, from: number, to: number): string {
  const text = plainText(lines, from, to);
  return lines[to - 1] === QUOTE && text.includes('="')
    ? text.replace('="', "=").slice(0, -1)
    : text;
}

function plainText(lines: Uint8Array, from: number, to: number): string {
  return decoder.decode(lines.subarray(from, to)).replaceAll(/\\([,= ])/g, "$1");
}

function gather(lines: Uint8Array, { ranges, bytes }: OpenGroup): Uint8Array {
  const gathered = new Uint8Array(bytes);
  let to = 0;
  for (let range = 0; range < ranges.length; range += 2) {
    const piece = lines.subarray(ranges[range], ranges[range + 1]);
    gathered.set(piece, to);
    to += piece.length;
  }
  return gathered;
}
