/** What DataKit writes for infinities in a field that cannot be left out (datakit.md 2.4): 2^64 and -2^63. */
export const POSITIVE_INFINITY_TEXT = "18446744073709552000";
export const NEGATIVE_INFINITY_TEXT = "-9223372036854776000";

/** A finite float64 as a field value: the shortest text that reads back to the same bits. */
export function floatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Milliseconds that nanoseconds in an int64 can express; InfluxDB takes times above -9223372036854775806. */
const MAX_MS = 9_223_372_036_854;

/** Unix milliseconds (a fraction is kept to the nanosecond) as nanosecond text; undefined where out of range. */
export function timestampText(ms: number): string | undefined {
  if (!(Math.abs(ms) < MAX_MS)) {
    return undefined;
  }
  const whole = Math.floor(ms);
  if (whole === 0) {
    return String(Math.round((ms - whole) * 1e6));
  }
  if (whole === ms) {
    return `${whole}000000`;
  }
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)));
}
