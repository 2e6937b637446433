import type { LabelName } from "../../rules/label-table.ts";

const NO_NAME = {} as LabelName;
const NO_BYTES = new Uint8Array(0);

/** Instead of a label: the tag has the same value in every line. */
export const FIXED = -1;

/** The tags of one line on their way out, in order of precedence; made once and reused. */
export class TagSlots {
  count = 0;
  readonly names: LabelName[];
  /**
   * Where the value's bytes are: `values[i]` from `starts[i]` to `ends[i]`, valid as long as the
   * line is.
   */
  readonly values: Uint8Array[];
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1: the value is line protocol already. */
  readonly encoded: Uint8Array;
  /** The label of the line whose value it is, or `FIXED`. */
  readonly labels: Int32Array;
  /** Slot numbers by rank of their names, once sorted. */
  readonly order: Int32Array;

  constructor(capacity: number) {
    this.names = new Array(capacity).fill(NO_NAME);
    this.values = new Array(capacity).fill(NO_BYTES);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.encoded = new Uint8Array(capacity);
    this.labels = new Int32Array(capacity);
    this.order = new Int32Array(capacity);
  }

  add(
    name: LabelName,
    value: Uint8Array,
    start: number,
    end: number,
    encoded: 0 | 1,
    label: number,
  ): void {
    const slot = this.count;
    this.names[slot] = name;
    this.values[slot] = value;
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.encoded[slot] = encoded;
    this.labels[slot] = label;
    this.count = slot + 1;
  }

  /** Slot of this name, or -1. */
  find(name: LabelName): number {
    for (let slot = 0; slot < this.count; slot++) {
      if (this.names[slot] === name) {
        return slot;
      }
    }
    return -1;
  }

  remove(slot: number): void {
    const last = this.count - 1;
    for (let at = slot; at < last; at++) {
      this.names[at] = this.names[at + 1] as LabelName;
      this.values[at] = this.values[at + 1] as Uint8Array;
      this.starts[at] = this.starts[at + 1] as number;
      this.ends[at] = this.ends[at + 1] as number;
      this.encoded[at] = this.encoded[at + 1] as number;
      this.labels[at] = this.labels[at + 1] as number;
    }
    this.count = last;
  }

  /** Fills `order`. Insertion sort: exporters write labels nearly sorted, and there are few. */
  sort(): void {
    const { names, order } = this;
    for (let slot = 0; slot < this.count; slot++) {
      const rank = (names[slot] as LabelName).rank;
      let at = slot;
      while (at > 0 && (names[order[at - 1] as number] as LabelName).rank > rank) {
        order[at] = order[at - 1] as number;
        at--;
      }
      order[at] = slot;
    }
  }
}
