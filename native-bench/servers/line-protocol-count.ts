import { type BodyCount, noSamples } from "./body-count.ts";

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The measurement of the agent's own `up` points. */
const OWN_MEASUREMENT = Buffer.from("collector,");

/**
 * Counts the fields of line protocol: a point of a `_sum` and its `_count` holds two samples. Reads each line from its end,
 * where time and fields are short, so that the tags cost nothing. Fields are numbers here, never quoted.
 */
export function countLineProtocol(body: Buffer): BodyCount {
  const count = noSamples();
  let start = 0;
  while (start < body.length) {
    const feed = body.indexOf(LINE_FEED, start);
    const end = feed < 0 ? body.length : feed;
    if (end > start) {
      const fields = countFields(body, start, end);
      if (isOwn(body, start, end)) {
        count.ownSamples += fields;
      } else {
        count.samples += fields;
      }
    }
    start = end + 1;
  }
  return count;
}

function isOwn(body: Buffer, start: number, end: number): boolean {
  const stop = start + OWN_MEASUREMENT.length;
  return stop <= end && body.compare(OWN_MEASUREMENT, 0, OWN_MEASUREMENT.length, start, stop) === 0;
}

function countFields(body: Buffer, start: number, end: number): number {
  let at = body.lastIndexOf(BLANK, end - 1) - 1;
  let fields = 1;
  for (; at > start; at--) {
    const byte = body[at] as number;
    if ((byte === BLANK || byte === COMMA) && body[at - 1] !== BACKSLASH) {
      if (byte === BLANK) {
        return fields;
      }
      fields++;
    }
  }
  throw new RangeError("line protocol: a line without fields and time");
}
