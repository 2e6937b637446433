import { httpVerdict } from "./http-verdict.ts";
import type { Answer, Verdict } from "./verdict.ts";

/** What a 403 says when the workspace has used up what it may send (specification, 5.4). */
const OVERUSE = "beyondDataUsage";

/** DataWay's own rules are the common ones, but for this word. DataKit drops on every 4xx (specification, 5.4); we do not. */
export function datawayVerdict(answer: Answer): Verdict {
  return answer.status === 403 && answer.text.includes(OVERUSE)
    ? { kind: "retry", reason: "data_overuse", pace: "slow" }
    : httpVerdict(answer);
}
