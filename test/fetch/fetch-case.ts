import type { FetchOutcome } from "../../src/fetch/fetch-outcome.ts";
import { PageFetcher } from "../../src/fetch/page-fetcher.ts";
import type { PageRequest } from "../../src/fetch/page-request.ts";
import type { PageSink } from "../../src/page-sink.ts";
import type { ScrapeLimits } from "../../src/scrape-limits.ts";
import { KIB, MIB } from "../../src/units.ts";
import { RecordingSink } from "./recording-sink.ts";
import { type ListenOn, type Script, serve } from "./scripted-server.ts";

export const LIMITS: ScrapeLimits = {
  totalTimeoutMs: 5_000,
  connectTimeoutMs: 2_000,
  connectionAgeMs: 300_000,
  idleTimeoutMs: 2_000,
  headerBytes: 16 * KIB,
  bodyBytes: 64 * MIB,
  decompressionRatio: 1_000,
  lineBytes: MIB,
  labelsPerLine: 256,
  samples: 1_000_000,
};

export function request(url: string, more: Partial<PageRequest> = {}): PageRequest {
  return { url, headers: {}, encoding: "identity", ...more };
}

export function get(
  fetcher: PageFetcher,
  asked: PageRequest,
  sink: PageSink,
  limits: Partial<ScrapeLimits> = {},
): Promise<FetchOutcome> {
  return fetcher.fetch(asked, { ...LIMITS, ...limits }, sink, new AbortController().signal);
}

export interface Fetched {
  readonly outcome: FetchOutcome;
  readonly text: string;
  readonly contentType: string | undefined;
  readonly heads: readonly string[];
}

/** One fetch of `/metrics` from a server that runs `script`, with a fetcher of its own. */
export async function fetchFrom(
  script: Script,
  limits: Partial<ScrapeLimits> = {},
  more: Partial<PageRequest> = {},
  on: ListenOn = {},
): Promise<Fetched> {
  const server = await serve(script, on);
  const fetcher = new PageFetcher();
  const sink = new RecordingSink();
  try {
    const outcome = await get(fetcher, request(`${server.url}/metrics`, more), sink, limits);
    return { outcome, text: sink.text, contentType: sink.contentType, heads: server.heads };
  } finally {
    await fetcher.close();
    await server.close();
  }
}
