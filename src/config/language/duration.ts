import { HOUR, MINUTE, SECOND } from "../../units.ts";

/** Milliseconds in a unit of Go's `time.ParseDuration`; both spellings of micro are Go's. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
};
const DURATION = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;
/** Go keeps nanoseconds in an int64: about 292 years. */
const LONGEST_MS = 2 ** 63 / 1e6;

/** Milliseconds of a Go duration such as `1m30s`, `1.5h` or `-100ms`; undefined where Go would refuse it. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) {
    return 0;
  }
  const match = DURATION.exec(text);
  if (match?.[2] === undefined) {
    return undefined;
  }
  let total = 0;
  for (const [, amount, unit] of match[2].matchAll(PART)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
  }
  if (!(total < LONGEST_MS)) {
    return undefined;
  }
  return match[1] === "-" ? -total : total;
}

/** The same in Go's spelling, as short as it can be said: 90000 is `1m30s`. Finer than a millisecond is kept as a fraction. */
export function formatDuration(ms: number): string {
  if (ms < 0) {
    return `-${formatDuration(-ms)}`;
  }
  if (ms < 1) {
    return ms === 0 ? "0s" : `${Math.round(ms * 1e6)}ns`;
  }
  if (ms % SECOND !== 0) {
    return `${ms}ms`;
  }
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const seconds = (ms % MINUTE) / SECOND;
  return `${part(hours, "h")}${part(minutes, "m")}${part(seconds, "s")}`;
}

function part(amount: number, unit: string): string {
  return amount === 0 ? "" : `${amount}${unit}`;
}
