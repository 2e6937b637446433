import { redactedExcerpt } from "../send/redacted-excerpt.ts";
import type { Body } from "./body.ts";
import { inflateExactly } from "./body-splitter.ts";

/** Characters of a line that are shown beside what was said of it. */
const LONGEST = 150;

/** The start of what is in a body, redacted, on one line. Empty where it cannot be opened. */
export async function excerptOf(body: Body): Promise<string> {
  const inflated = await inflateExactly(body.gzip, body.tally.bytes);
  if (inflated.kind === "corrupt") {
    return "";
  }
  const { text } = inflated;
  // Redacted before it is cut: a secret that is cut in two is not known any more.
  const excerpt = redactedExcerpt(Buffer.from(text.subarray(0, 4096)).toString("utf8"), []);
  return excerpt.length > LONGEST ? `${excerpt.slice(0, LONGEST - 1)}…` : excerpt;
}
