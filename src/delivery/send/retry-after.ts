import { MINUTE, SECOND } from "../../units.ts";

/** No destination may silence us for longer. */
const LONGEST = 10 * MINUTE;

/**
 * Milliseconds to wait from a `Retry-After` header: seconds, or an HTTP date against `now` (Unix milliseconds); RFC 9110,
 * 10.2.3. Undefined where it says nothing usable.
 */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const text = value.trim();
  if (/^\d+$/.test(text)) {
    return Math.min(Number(text) * SECOND, LONGEST);
  }
  // Date.parse would also take "-5" or "2.5" for a year: an HTTP date starts with the name of a day.
  const date = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), LONGEST);
}
