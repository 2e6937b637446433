import { arch, platform } from "node:process";
import { VERSION } from "../../version.ts";
import type { Body } from "../body/body.ts";
import type { DatawaySettings, InfluxV1Settings, InfluxV2Settings } from "../delivery-settings.ts";
import { percentDecoded } from "./percent-decoded.ts";

/** What a kind of destination decides about a request; the body and its encoding are the sender's. */
export interface WriteRequest {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The shape of DataKit's, with our own name (specification, 5.3). */
export function userAgent(hostName: string): string {
  const host = hostName.replaceAll(/[^\x21-\x7e]/g, "_");
  return `promline-${platform}-${arch}/${VERSION}/${host}`;
}

/** `<scheme>://<host>/v1/write/<category>`, the query parameters sorted by key (specification, 5.1; example D04). */
export function datawayRequests(
  settings: DatawaySettings,
): (body: Body, again: boolean) => WriteRequest {
  const places = {
    metric: placeOf(datawayUrl(settings, "/v1/write/metric")),
    logging: placeOf(datawayUrl(settings, "/v1/write/logging")),
  };
  return (body, again) => {
    const { origin, path, headers } = places[body.category];
    return {
      origin,
      path,
      headers: {
        "content-type":
          settings.encoding === "protobuf"
            ? "application/protobuf; proto=com.guance.Point"
            : "application/line-protocol",
        "x-points": String(body.tally.points),
        "x-pkg-id": body.id,
        referer: "DataKit",
        ...sinkHeader(settings, body.sinkTags),
        ...(again ? { "x-fail-cache-retry": "1" } : {}),
        ...headers,
      },
    };
  };
}

/** The question for the time, `<scheme>://<host>/v1/ntp` (specification, 5.7; example D07). */
export function datawayClockRequest(settings: DatawaySettings): WriteRequest {
  const { headers, ...place } = placeOf(datawayUrl(settings, "/v1/ntp"));
  const tags = sinkHeader(settings, settings.sinker?.globalTags);
  return { ...place, headers: { referer: "DataKit", ...tags, ...headers } };
}

/** Both categories go to the same place: a logging point is a measurement like any other there. */
export function influxV1Request(settings: InfluxV1Settings): WriteRequest {
  const url = writeUrl(settings.url, "/write");
  url.searchParams.set("db", settings.database);
  if (settings.retentionPolicy !== undefined) {
    url.searchParams.set("rp", settings.retentionPolicy);
  }
  url.searchParams.set("precision", "ns");
  const place = placeOf(url);
  const headers = { ...INFLUX_HEADERS, ...place.headers };
  return {
    ...place,
    headers:
      settings.username === undefined
        ? headers
        : { ...headers, authorization: basic(settings.username, settings.password ?? "") },
  };
}

export function influxV2Request(settings: InfluxV2Settings): WriteRequest {
  const url = writeUrl(settings.url, "/api/v2/write");
  url.searchParams.set("org", settings.org);
  url.searchParams.set("bucket", settings.bucket);
  url.searchParams.set("precision", "ns");
  const place = placeOf(url);
  const headers = { ...INFLUX_HEADERS, ...place.headers };
  return {
    ...place,
    headers:
      settings.token === undefined
        ? headers
        : { ...headers, authorization: `Token ${settings.token}` },
  };
}

/** Bytes of UTF-8 as they are, one character each; what would end a header becomes a blank. */
function sinkHeader({ sinker }: DatawaySettings, tags = ""): Record<string, string> {
  const text = Buffer.from(tags.replaceAll(/\p{Cc}/gu, " "), "utf8").toString("latin1");
  return sinker === undefined || text === "" ? {} : { "x-global-tags": text };
}

/** The path of the address is discarded, its parameters are sorted. */
function datawayUrl(settings: DatawaySettings, path: string): URL {
  const url = new URL(settings.url);
  url.pathname = path;
  url.hash = "";
  url.searchParams.sort();
  return url;
}

const INFLUX_HEADERS = { "content-type": "text/plain; charset=utf-8" };

function writeUrl(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/+$/, "") + path;
  url.hash = "";
  return url;
}

function placeOf(url: URL): WriteRequest {
  return { origin: url.origin, path: url.pathname + url.search, headers: userOf(url) };
}

/** User and password of a URL are credentials for the server, which undici does not send by itself. */
function userOf(url: URL): Record<string, string> {
  return url.username === "" && url.password === ""
    ? {}
    : {
        authorization: basic(percentDecoded(url.username), percentDecoded(url.password)),
      };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
