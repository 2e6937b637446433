import { tlsFileTroubles } from "../../tls/tls-file-troubles.ts";
import type { TlsConfig } from "../../tls-config.ts";
import { KIB } from "../../units.ts";
import { readCommonTls } from "../input/prom-tls.ts";
import type { Reading } from "../language/reading.ts";
import type { Values } from "../language/schema.ts";
import { type agentSchema, DEFAULT_FILE_BYTES, DEFAULT_FILES_BYTES } from "./agent-schema.ts";
import type {
  AgentSettings,
  FileDestination,
  HttpDelivery,
  HttpDestination,
} from "./agent-settings.ts";
import { environmentProxy } from "./environment-proxy.ts";
import { isPlaceholder } from "./placeholder.ts";

type AgentValues = Values<typeof agentSchema>;
type DestinationValues = AgentValues["destinations"][number];

/** In place of a proxy: the usual variables are asked. */
const FROM_ENVIRONMENT = "environment";
/** DataKit's bound: smaller bodies make the requests too many. */
const SMALLEST_BODY = 100 * KIB;

/** Every destination that is configured; the file where there is none. */
export function readDestinations(values: AgentValues, at: Reading): AgentSettings["destinations"] {
  const http = httpDelivery(values.dataway, values.protect_mode, at.child("dataway"));
  const declared = at.child("dataway").child("urls", true).orVariable("ENV_DATAWAY");
  const dataway = values.dataway.urls.flatMap((url) =>
    readDataway(url, values.dataway.content_encoding, http, declared),
  );
  const others = values.destinations.flatMap((one, index) =>
    readDestination(one, values, at.child("destinations").element(index)),
  );
  const all = [...dataway, ...others].map((one) => withProxyOf(one, at));
  return all.length > 0 ? all : [fileDestination(values)];
}

/** What the variables say depends on the address, and on whether they are asked at all. */
function withProxyOf<D extends HttpDestination | FileDestination>(destination: D, at: Reading): D {
  if (destination.kind === "file" || destination.proxy !== FROM_ENVIRONMENT) {
    return destination;
  }
  const { proxy: _asked, ...direct } = destination;
  const proxy = environmentProxy(new URL(destination.url), at.environment ?? {});
  if (proxy === undefined) {
    return direct as D;
  }
  isHttp(proxy, at.child("dataway").child("http_proxy", true).orVariable("HTTPS_PROXY"));
  return { ...destination, proxy };
}

function readDestination(
  one: DestinationValues,
  values: AgentValues,
  at: Reading,
): (HttpDestination | FileDestination)[] {
  if (one.kind === "file") {
    return [fileDestination(values, one)];
  }
  if (one.kind === undefined) {
    return [];
  }
  if (one.url === undefined) {
    at.error("needs url");
    return [];
  }
  const http = httpDelivery(one, values.protect_mode, at);
  if (one.kind === "dataway") {
    return readDataway(one.url, one.content_encoding, http, at.child("url", true));
  }
  if (!isHttp(one.url, at.child("url", true))) {
    return [];
  }
  return one.kind === "influxdb_v1"
    ? readInfluxV1(one, one.url, http, at)
    : readInfluxV2(one, one.url, http, at);
}

function readInfluxV1(
  one: DestinationValues,
  url: string,
  http: HttpDelivery,
  at: Reading,
): HttpDestination[] {
  if (one.db === undefined) {
    at.error("needs db");
    return [];
  }
  const { user, password } = one;
  const credentials = { ...(user && { user }), ...(password && { password }) };
  return [{ kind: "influxdb_v1", url, db: one.db, ...credentials, ...http }];
}

function readInfluxV2(
  one: DestinationValues,
  url: string,
  http: HttpDelivery,
  at: Reading,
): HttpDestination[] {
  const { org, bucket, token } = one;
  if (org === undefined || bucket === undefined) {
    at.error("needs org and bucket");
    return [];
  }
  if (token !== undefined && refusePlaceholder(token, at.child("token", true))) {
    return [];
  }
  return [{ kind: "influxdb_v2", url, org, bucket, ...(token && { token }), ...http }];
}

function readDataway(
  url: string,
  contentEncoding: "v1" | "v2",
  http: HttpDelivery,
  at: Reading,
): HttpDestination[] {
  if (!isHttp(url, at)) {
    return [];
  }
  const { pathname, searchParams } = new URL(url);
  if (refusePlaceholder(searchParams.get("token") ?? "", at)) {
    return [];
  }
  if (pathname !== "/") {
    at.warn("the path of the address is not used: only scheme, host and query are");
  }
  if (!searchParams.has("token")) {
    at.warn("the address has no token=…, DataWay will refuse what is sent");
  }
  return [{ kind: "dataway", url, contentEncoding, ...http }];
}

/** A placeholder is shown: it is what to look for, and no secret. */
function refusePlaceholder(token: string, at: Reading): boolean {
  const refused = isPlaceholder(token);
  if (refused) {
    at.error(
      `the token ${JSON.stringify(token)} is a placeholder: put the token of your workspace in its place`,
    );
  }
  return refused;
}

function isHttp(url: string, at: Reading): boolean {
  const fits = /^https?:\/\//i.test(url) && URL.canParse(url);
  if (!fits) {
    at.error("is not an http or https URL (not shown, it may hold a token)");
  }
  return fits;
}

function httpDelivery(
  values: Omit<DestinationValues, "kind"> | AgentValues["dataway"],
  protect: boolean,
  at: Reading,
): HttpDelivery {
  const { http_proxy: proxy, max_raw_body_size: size } = values;
  const tls = readDestinationTls(values, at);
  if (proxy !== undefined && proxy !== FROM_ENVIRONMENT) {
    isHttp(proxy, at.child("http_proxy", true).orVariable("ENV_DATAWAY_HTTP_PROXY"));
  }
  const maxRawBodyBytes = protect ? Math.max(size, SMALLEST_BODY) : size;
  if (maxRawBodyBytes !== size) {
    at.child("max_raw_body_size")
      .orVariable("ENV_DATAWAY_MAX_RAW_BODY_SIZE")
      .warn(`${size} is too small: ${maxRawBodyBytes} is used`);
  }
  return {
    timeoutMs: values.timeout,
    idleTimeoutMs: values.idle_timeout,
    connectionAgeMs: values.max_connection_age,
    ...(proxy !== undefined && { proxy }),
    gzip: values.gzip,
    ...(tls !== undefined && { tls }),
    maxRawBodyBytes,
    headers: values.headers,
  };
}

/** Either of the two keys says that nothing is verified. */
function readDestinationTls(
  values: Omit<DestinationValues, "kind"> | AgentValues["dataway"],
  at: Reading,
): TlsConfig | undefined {
  const insecure = values.tls_insecure || values.insecure_skip_verify === true;
  const tls = readCommonTls({ ...values, insecure_skip_verify: insecure }, at);
  const isPlain =
    tls !== undefined &&
    !tls.insecureSkipVerify &&
    Object.keys(tls).length === 2 &&
    tls.ca.length === 0;
  if (isPlain || tls === undefined) {
    return undefined;
  }
  for (const { key, text } of tlsFileTroubles(tls)) {
    at.child(key)
      .orVariable(`ENV_DATAWAY_${key.toUpperCase()}`)
      .warn(`${text}; nothing is sent until the file is right`);
  }
  return tls;
}

function fileDestination(values: AgentValues, one?: DestinationValues): FileDestination {
  return {
    kind: "file",
    dir: one?.dir ?? values.data_dir,
    maxTotalBytes: one?.max_total_size ?? DEFAULT_FILES_BYTES,
    maxFileBytes: one?.max_file_size ?? DEFAULT_FILE_BYTES,
  };
}
