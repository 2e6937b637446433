import type { Label } from "./label-set.ts";

const PARAM = "__param_";

/** What the labels of a target mean: the URL to ask, and `host:port` for the label `instance`. */
export interface ScrapeUrl {
  readonly url: string;
  readonly address: string;
}

/**
 * `__scheme__://__address__/__metrics_path__?__param_…`, with Prometheus' defaults. As in vmagent
 * the address may bring its scheme and path along. Undefined where there is no address: such a
 * target is not scraped.
 */
export function scrapeUrlOf(labels: Iterable<Label>): ScrapeUrl | undefined {
  const all = new Map(labels);
  const given = all.get("__address__") ?? "";
  if (given === "") {
    return undefined;
  }
  const scheme = /^(https?):\/\//.exec(given)?.[1] ?? nonEmpty(all.get("__scheme__"), "http");
  const rest = given.replace(/^https?:\/\//, "");
  const slash = rest.indexOf("/");
  const host = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? nonEmpty(all.get("__metrics_path__"), "/metrics") : rest.slice(slash);
  const base = `${scheme}://${host}${path.startsWith("/") ? "" : "/"}${path}`;
  const query = queryOf(all);
  const separator = query === "" ? "" : base.includes("?") ? "&" : "?";
  return { url: `${base}${separator}${query}`, address: withPort(host, scheme) };
}

function nonEmpty(text: string | undefined, fallback: string): string {
  return text === undefined || text === "" ? fallback : text;
}

/** By name, as Go encodes queries. */
function queryOf(labels: ReadonlyMap<string, string>): string {
  const params = [...labels]
    .filter(([name]) => name.startsWith(PARAM))
    .map(([name, value]): [string, string] => [name.slice(PARAM.length), value])
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  // Of the characters that Go leaves alone, URLSearchParams knows all but the tilde; the asterisk
  // it leaves alone itself.
  return new URLSearchParams(params).toString().replaceAll("%7E", "~").replaceAll("*", "%2A");
}

function withPort(host: string, scheme: string): string {
  const hasPort = /:\d*$/.test(host.replace(/^\[[^\]]*\]/, ""));
  return hasPort ? host : `${host}:${scheme === "https" ? 443 : 80}`;
}
