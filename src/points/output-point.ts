import { SERIES_KEY_MAX_BYTES } from "../lineprotocol/escape.ts";
import type { LineBuffer } from "../lineprotocol/line-buffer.ts";
import { TAG_VALUE_MAX_ENCODED, writeTagValue } from "../lineprotocol/tag-value.ts";
import type { LabelName } from "../rules/label-table.ts";
import type { TagSlots } from "./tags/tag-slots.ts";

const COMMA = 0x2c;
const EQUALS = 0x3d;

/**
 * Writes `measurement,tags` to the end of `out`. False, with `out` as it was, where that is longer
 * than a series key may be. Tags without a value or a name that can be written are left out.
 */
export function writeSeriesKey(out: LineBuffer, measurement: Uint8Array, tags: TagSlots): boolean {
  const start = out.length;
  out.put(measurement);
  for (let place = 0; place < tags.count; place++) {
    writeTag(out, tags, tags.order[place] as number);
  }
  if (out.length - start <= SERIES_KEY_MAX_BYTES) {
    return true;
  }
  out.length = start;
  return false;
}

/** Writes one tag, `,name=value`, or nothing. */
export function writeTag(out: LineBuffer, tags: TagSlots, slot: number): void {
  const name = (tags.names[slot] as LabelName).encoded;
  const value = tags.values[slot] as Uint8Array;
  const from = tags.starts[slot] as number;
  const to = tags.ends[slot] as number;
  if (from === to || name.length === 0) {
    return;
  }
  const start = out.length;
  out.ensure(name.length + 2 + Math.min(2 * (to - from), TAG_VALUE_MAX_ENCODED));
  out.putByte(COMMA);
  out.put(name);
  out.putByte(EQUALS);
  if (tags.encoded[slot] === 1) {
    out.putRange(value, from, to);
    return;
  }
  const before = out.length;
  out.length = writeTagValue(out.bytes, before, value, from, to);
  if (out.length === before) {
    out.length = start;
  }
}
