import type { Payload } from "../payload.ts";
import { noLines } from "../points/line-counts.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";

/** What had come out of a scrape before its lane died. */
export interface Taken {
  samples: number;
  points: number;
  rawBytes: number;
  gzipBytes: number;
}

export function nothingTaken(): Taken {
  return { samples: 0, points: 0, rawBytes: 0, gzipBytes: 0 };
}

export function addTaken(taken: Taken, payload: Payload): void {
  taken.samples += payload.samples;
  taken.points += payload.points;
  taken.rawBytes += payload.rawBytes;
  taken.gzipBytes += payload.gzip.byteLength;
}

/**
 * The report of a scrape whose lane died. What the lane had counted died with it; the payloads that
 * had come out did not, so they are the counts, and the ledger still balances. `detail` must hold
 * no secret.
 */
export function laneFailure(detail: string, durationMs: number, taken: Taken): ScrapeReport {
  return {
    outcome: { kind: "failed", reason: "lane", detail: detail.slice(0, 300) },
    wireBytes: 0,
    bodyBytes: 0,
    durationMs,
    counts: {
      ...noLines(),
      lines: taken.samples,
      samples: taken.samples,
      sent: taken.samples,
      points: taken.points,
    },
    faults: [],
    outputBytes: taken.rawBytes,
    compressedBytes: taken.gzipBytes,
  };
}
