// Line protocol as InfluxDB 1.x and DataWay read it (datakit.md 4.5):
//
//   measurement[,key=value]… key=value[,key=value]… nanoseconds\n
//
//   measurement   escapes: comma, blank
//   tag key/value escapes: comma, equals sign, blank
//   field key     escapes: comma, equals sign, blank, double quote
//
// A backslash elsewhere stands for itself, so text cannot end in one (it would escape the delimiter): trailing ones go.
// A line end inside becomes a blank.

const encoder = new TextEncoder();
// A byte order mark is a character like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes (datakit.md 4.4); what is longer is cut between characters. */
const MEASUREMENT_MAX_BYTES = 1024;
const KEY_MAX_BYTES = 256;
export const TAG_VALUE_MAX_BYTES = 1024;
/** Measurement and tags as encoded, InfluxDB's bound of a series key. */
export const SERIES_KEY_MAX_BYTES = 65_535;

/** Empty becomes `__default`; a leading `#`, which would make the line a comment, becomes `_`. */
export function encodeMeasurement(text: string): Uint8Array {
  const kept = prepare(text, MEASUREMENT_MAX_BYTES).replace(/^#/, "_");
  return encoder.encode(kept === "" ? "__default" : kept.replace(/[, ]/g, "\\$&"));
}

/** Empty where nothing is left of it: there is no such tag then. */
export function encodeTagKey(text: string): Uint8Array {
  return encoder.encode(prepare(text, KEY_MAX_BYTES).replace(/[,= ]/g, "\\$&"));
}

/** Empty where nothing is left of it: the tag is left out then. */
export function encodeTagValue(text: string): Uint8Array {
  return encoder.encode(prepare(text, TAG_VALUE_MAX_BYTES).replace(/[,= ]/g, "\\$&"));
}

/** Empty where nothing is left of it: there is no such field then. */
export function encodeFieldKey(text: string): Uint8Array {
  return encoder.encode(prepare(text, KEY_MAX_BYTES).replace(/[,= "]/g, "\\$&"));
}

function prepare(text: string, maxBytes: number): string {
  // A UTF-16 unit is three bytes at most.
  const kept = 3 * text.length <= maxBytes ? text : cutText(text, maxBytes);
  let end = kept.length;
  while (end > 0 && kept[end - 1] === "\\") {
    end--;
  }
  return kept.slice(0, end).replaceAll("\n", " ");
}

function cutText(text: string, maxBytes: number): string {
  const bytes = encoder.encode(text);
  const end = cutUtf8(bytes, 0, Math.min(bytes.length, maxBytes), bytes.length);
  return decoder.decode(bytes.subarray(0, end));
}

/** The last offset up to `cut` that does not fall within a character; `end` where nothing is cut. */
export function cutUtf8(bytes: Uint8Array, start: number, cut: number, end: number): number {
  let at = cut;
  while (at < end && at > start && ((bytes[at] as number) & 0xc0) === 0x80) {
    at--;
  }
  return at;
}
