import { httpVerdict } from "./http-verdict.ts";
import type { Answer, Verdict } from "./verdict.ts";

/** DataWay's own rules are the common ones. DataKit drops on every 4xx (specification, 5.4); we do not. */
export function datawayVerdict(answer: Answer): Verdict {
  return httpVerdict(answer);
}
