import { httpVerdict } from "./http-verdict.ts";
import type { Answer, Verdict } from "./verdict.ts";

/**
 * InfluxDB 1.x and 2.x, and what speaks their language. It differs from the common table in:
 *
 * | answer                          | verdict                                                                |
 * | ------------------------------- | ---------------------------------------------------------------------- |
 * | 400, 422 with `partial write`   | accepted but for the points it names: the others are stored already     |
 * | 404                             | retry slowly: the database or bucket is missing and can be created      |
 */
export function influxVerdict(answer: Answer): Verdict {
  if ((answer.status === 400 || answer.status === 422) && answer.text.includes("partial write")) {
    return { kind: "accepted", rejectedPoints: rejectedPoints(answer.text) };
  }
  if (answer.status === 404) {
    return { kind: "retry", reason: "no_database", pace: "slow" };
  }
  return httpVerdict(answer);
}

/**
 * Refused points, as far as the answer tells: `dropped=N` counts those refused by the store, and lines it could not
 * read are listed one by one with `dropped=0`. An answer longer than we read lists more than we count.
 */
function rejectedPoints(text: string): number {
  const dropped = Number(/dropped=(\d+)/.exec(text)?.[1] ?? 0);
  const unreadable = text.split("unable to parse '").length - 1;
  return Math.max(1, dropped + unreadable);
}
