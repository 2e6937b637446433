import type { AgentSettings } from "../config/agent-settings.ts";
import type { PromInput } from "../config/prom-input.ts";
import type { DesiredTarget } from "../discovery/static-targets.ts";
import type { PageRequest, PageSource, ScrapeTarget } from "../scrape/scrape-target.ts";

type GlobalTags = Pick<AgentSettings, "globalHostTags" | "globalElectionTags">;

/** What a lane needs to scrape a desired target: its input, its address and the global tags in one piece of plain data. */
export function scrapeTargetOf(desired: DesiredTarget, globals: GlobalTags): ScrapeTarget {
  const { input } = desired;
  const globalTags = input.election ? globals.globalElectionTags : globals.globalHostTags;
  return {
    key: desired.key,
    page: pageOf(desired),
    rules: {
      ...input.rules,
      overridingTags: desired.overridingTags,
      addedTags: [...desired.addedTags, ...Object.entries(globalTags)],
    },
    limits: { ...input.limits, totalTimeoutMs: input.timeoutMs },
    ignoreRequestErrors: input.ignoreReqErr,
    ...(desired.upTags === undefined ? {} : { up: { ...globalTags, ...desired.upTags } }),
  };
}

function pageOf({ location, input }: DesiredTarget): PageSource {
  if (location.kind === "file") {
    return location;
  }
  const request = requestOf(location.url, input);
  return input.output === undefined
    ? { kind: "http", request }
    : { kind: "raw", request, output: input.output, maxFileBytes: input.maxFileSize };
}

function requestOf(url: string, input: PromInput): PageRequest {
  const { udsPath, bearer, tls } = input;
  return {
    url,
    headers: input.httpHeaders,
    encoding: input.encoding,
    ...(udsPath === undefined ? {} : { udsPath }),
    ...(bearer === undefined ? {} : { bearer }),
    ...(tls === undefined ? {} : { tls }),
  };
}
