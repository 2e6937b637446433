import type { AttemptResult } from "./delivery-observer.ts";
import type { Verdict } from "./send/verdict.ts";

/** What the metrics call a verdict. */
export function resultOf(verdict: Verdict): AttemptResult {
  switch (verdict.kind) {
    case "accepted":
    case "split":
      return verdict.kind;
    case "retry":
    case "dropped":
      return verdict.reason;
  }
}
