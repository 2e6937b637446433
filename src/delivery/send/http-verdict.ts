import type { Answer, Verdict } from "./verdict.ts";

/**
 * What every HTTP destination has in common:
 *
 * | answer              | verdict                                                                     |
 * | ------------------- | --------------------------------------------------------------------------- |
 * | 2xx                 | accepted                                                                    |
 * | 3xx                 | retry slowly: a POST is not sent on to another place, its token even less so |
 * | 401 403 407         | retry slowly: a wrong or expired token is put right by a person             |
 * | 408 425 429 5xx     | retry, not before `Retry-After`                                             |
 * | 413                 | split                                                                       |
 * | 400 422             | dropped, but for the lines that are taken without the bad ones              |
 * | other 4xx           | dropped: the same bytes get the same answer                                 |
 * | anything else       | retry                                                                       |
 */
export function httpVerdict(answer: Answer): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    return { kind: "accepted", rejectedPoints: 0 };
  }
  if (status >= 300 && status < 400) {
    return { kind: "retry", reason: "redirect", pace: "slow" };
  }
  if (status >= 400 && status < 500) {
    return clientErrorVerdict(answer);
  }
  return retryVerdict(status >= 500 ? "http_5xx" : "http_other", answer);
}

function clientErrorVerdict(answer: Answer): Verdict {
  switch (answer.status) {
    case 400:
      return { kind: "dropped", reason: "http_400", ofLines: true };
    case 401:
    case 403:
    case 407:
      return { kind: "retry", reason: "credentials", pace: "slow" };
    case 404:
      return { kind: "dropped", reason: "http_404" };
    case 408:
      return retryVerdict("http_408", answer);
    case 413:
      return { kind: "split" };
    case 422:
      return { kind: "dropped", reason: "http_4xx", ofLines: true };
    case 425:
      return retryVerdict("http_425", answer);
    case 429:
      return retryVerdict("http_429", answer);
    default:
      return { kind: "dropped", reason: "http_4xx" };
  }
}

function retryVerdict(
  reason: "http_408" | "http_425" | "http_429" | "http_5xx" | "http_other",
  answer: Answer,
): Verdict {
  const base = { kind: "retry", reason, pace: "normal" } as const;
  return answer.retryAfterMs === undefined ? base : { ...base, afterMs: answer.retryAfterMs };
}
