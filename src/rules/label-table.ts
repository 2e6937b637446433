import type { PatternSet } from "./pattern-set.ts";
import type { RulesProgram } from "./rules-program.ts";

/** A tag name with everything the rules say about it, made once for each distinct name. */
export interface LabelName {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** As it stands in the output; empty: it cannot, and the tag is left out. */
  readonly encoded: Uint8Array;
  readonly ignored: boolean;
  /** A rename has it as its old name. */
  readonly renamed: boolean;
  readonly valuePatterns: PatternSet | undefined;
  /**
   * Place in the byte order of encoded names: comparable, not consecutive, and valid until the next
   * name is interned.
   */
  rank: number;
  /** Number of the line on which a tag of this name was last present. */
  seenAt: number;
  /** Next entry of the same hash bucket. */
  next: LabelName | undefined;
}

const BUCKETS = 512;
/**
 * Bytes of names held at most; a target that invents names without end makes the table start over.
 */
const MAX_NAME_BYTES = 1024 * 1024;

const encoder = new TextEncoder();
// A byte order mark is a character like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Interns tag names by their bytes: nothing is decoded or allocated for a name seen before. */
export class LabelTable {
  readonly #program: RulesProgram;
  readonly #encode: (name: string) => Uint8Array;
  #buckets: (LabelName | undefined)[] = new Array(BUCKETS).fill(undefined);
  /** In order of rank. */
  #sorted: LabelName[] = [];
  #heldBytes = 0;

  constructor(program: RulesProgram, encode: (name: string) => Uint8Array) {
    this.#program = program;
    this.#encode = encode;
  }

  /** The table holds as many names as it may: `clear` it between two lines. */
  get full(): boolean {
    return this.#heldBytes > MAX_NAME_BYTES;
  }

  /** Forgets every name: those handed out before must not be compared with later ones. */
  clear(): void {
    this.#buckets = new Array(BUCKETS).fill(undefined);
    this.#sorted = [];
    this.#heldBytes = 0;
  }

  ofText(name: string): LabelName {
    const bytes = encoder.encode(name);
    return this.of(bytes, 0, bytes.length);
  }

  /** The name `bytes[start, end)`, without escapes. */
  of(bytes: Uint8Array, start: number, end: number): LabelName {
    // FNV-1a: names are short and few.
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    }
    const bucket = (hash ^ (hash >>> 16)) & (BUCKETS - 1);
    let entry = this.#buckets[bucket];
    while (entry !== undefined) {
      if (sameBytes(entry.bytes, bytes, start, end)) {
        return entry;
      }
      entry = entry.next;
    }
    return this.#add(bytes.slice(start, end), bucket);
  }

  #add(bytes: Uint8Array, bucket: number): LabelName {
    const name = decoder.decode(bytes);
    const entry: LabelName = {
      name,
      bytes,
      encoded: this.#encode(name),
      ignored: this.#program.isIgnoredTag(name),
      renamed: this.#program.renames.some(([from]) => from === name),
      valuePatterns: this.#program.valuePatterns(name),
      rank: 0,
      seenAt: -1,
      next: this.#buckets[bucket],
    };
    this.#buckets[bucket] = entry;
    this.#heldBytes += 2 * bytes.length + 128;
    this.#rank(entry);
    return entry;
  }

  /**
   * Half way between its neighbours; when halving has used up the float's digits, all are numbered
   * anew.
   */
  #rank(entry: LabelName): void {
    const sorted = this.#sorted;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes((sorted[middle] as LabelName).encoded, entry.encoded) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const below = sorted[low - 1]?.rank ?? 0;
    const above = sorted[low]?.rank ?? below + 2;
    entry.rank = (below + above) / 2;
    sorted.splice(low, 0, entry);
    if (entry.rank <= below || entry.rank >= above) {
      for (const [place, label] of sorted.entries()) {
        label.rank = place + 1;
      }
    }
  }
}

/** Whether `bytes[start, end)` are exactly `known`. */
export function sameBytes(
  known: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const length = known.length;
  if (end - start !== length) {
    return false;
  }
  for (let at = 0; at < length; at++) {
    if (known[at] !== bytes[start + at]) {
      return false;
    }
  }
  return true;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const difference = (left[at] as number) - (right[at] as number);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}
