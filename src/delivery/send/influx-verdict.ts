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
  const partial = saidBy(answer).find((text) => text.includes("partial write"));
  if ((answer.status === 400 || answer.status === 422) && partial !== undefined) {
    return { kind: "accepted", rejectedPoints: rejectedPoints(answer, partial) };
  }
  if (answer.status === 404) {
    return { kind: "retry", reason: "no_database", pace: "slow" };
  }
  return httpVerdict(answer);
}

/**
 * How many points were refused, as far as the answer tells. The store counts those it refused at the very end (`dropped=N`; the same
 * words before that are part of a line), lines that could not be read are listed one by one before that. An answer that is longer
 * than what is read lists more than is counted.
 */
function rejectedPoints(answer: Answer, partial: string): number {
  const counts = saidBy(answer).map((text) => Number(/ dropped=(\d+)\s*$/.exec(text)?.[1] ?? 0));
  const unreadable = partial.split("unable to parse '").length - 1;
  return Math.max(1, Math.max(...counts) + unreadable);
}

/** All the places where an answer says what was wrong, the most reliable first. */
function saidBy({ text, influxError }: Answer): string[] {
  return [messageOf(text), influxError, text].filter((said) => said !== undefined);
}

/** `error` is what 1.x says, `message` what 2.x says, `err` what its log shows. */
function messageOf(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null) {
      return undefined;
    }
    const fields = answer as Readonly<Record<string, unknown>>;
    const said = ["error", "message", "err"].map((name) => fields[name]);
    return said.filter((one) => typeof one === "string").join("\n") || undefined;
  } catch {
    return undefined;
  }
}
