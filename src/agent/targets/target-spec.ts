import type { PromInput } from "../../config/input/prom-input.ts";
import type { AgentSettings } from "../../config/settings/agent-settings.ts";
import type { AskedEncoding } from "../../discovery/asked-encoding.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import type { PageRequest, PageSource } from "../../fetch/page-request.ts";
import { NO_SERIES_LIMITS, type SeriesConfig } from "../../rules/relabel/series-config.ts";
import type { ScrapeTarget } from "../../scrape/scrape-target.ts";

/** The settings of the agent that every target has its part of. */
export type TargetGlobals = Pick<AgentSettings, "globalHostTags" | "globalElectionTags"> &
  Partial<Pick<AgentSettings, "metricRelabel">> & {
    readonly delivery?: Pick<AgentSettings["delivery"], "correctTimes">;
    readonly sinker?: AgentSettings["sinker"];
  };

/**
 * What a lane needs to scrape a desired target: its input, its address and the global tags in one piece of plain data. `encoding` is
 * what the target is asked for (`askedEncoding`); it makes no difference to who does not scrape.
 */
export function scrapeTargetOf(
  desired: DesiredTarget,
  globals: TargetGlobals,
  encoding: AskedEncoding = "gzip",
): ScrapeTarget {
  const { input } = desired;
  const series = seriesOf(input.series, globals.metricRelabel);
  const sinkKeys = sinkKeysOf(globals);
  const globalTags = input.election ? globals.globalElectionTags : globals.globalHostTags;
  return {
    key: desired.key,
    page: pageOf(desired, encoding),
    rules: {
      ...input.rules,
      ...(series && { series }),
      ...(globals.delivery?.correctTimes === true && { correctTimes: true as const }),
      overridingTags: desired.overridingTags,
      addedTags: [...desired.addedTags, ...Object.entries(globalTags)],
    },
    limits: { ...input.limits, totalTimeoutMs: input.timeoutMs },
    ignoreRequestErrors: input.ignoreReqErr,
    ...(sinkKeys && { sinkKeys }),
    ...(input.scrapeSeries && { ownSeries: true as const }),
    ...(desired.upTags === undefined ? {} : { up: { ...globalTags, ...desired.upTags } }),
  };
}

/** What DataWay's sinker goes by: every global tag, and what the user names. */
function sinkKeysOf({ globalHostTags, globalElectionTags, sinker }: TargetGlobals) {
  return sinker?.enabled === true
    ? [
        ...new Set(
          Object.keys({ ...globalHostTags, ...globalElectionTags }).concat(sinker.customerKeys),
        ),
      ]
    : undefined;
}

/** Rules of the table, of its file, of the agent, one list after the other. Undefined where nothing is declared. */
function seriesOf(
  series: PromInput["series"],
  global: TargetGlobals["metricRelabel"],
): SeriesConfig | undefined {
  const honorLabels = series?.honorLabels ?? true;
  const limits = series?.limits ?? NO_SERIES_LIMITS;
  const own = series && [series.metricRelabel, series.relabelFile?.rules ?? []];
  const relabel = (own ?? []).map((rules) => ({ flavour: series?.flavour ?? "prometheus", rules }));
  const all = [...relabel, ...(global ? [global] : [])].filter(({ rules }) => rules.length > 0);
  const limited = Object.values(limits).some((limit) => limit > 0);
  return all.length > 0 || !honorLabels || limited
    ? { relabel: all, honorLabels, limits }
    : undefined;
}

function pageOf({ address, input }: DesiredTarget, encoding: AskedEncoding): PageSource {
  if (address.kind === "file") {
    return { kind: "file", path: address.path };
  }
  const request = requestOf(address.url, input, encoding);
  return input.output === undefined
    ? { kind: "http", request }
    : { kind: "raw", request, output: input.output, maxFileBytes: input.maxFileSize };
}

function requestOf(url: string, input: PromInput, encoding: AskedEncoding): PageRequest {
  const { udsPath, bearer, tls } = input;
  return {
    url,
    headers: input.httpHeaders,
    encoding,
    ...(udsPath === undefined ? {} : { udsPath }),
    ...(bearer === undefined ? {} : { bearer }),
    ...(tls === undefined ? {} : { tls }),
  };
}
