import { type JsonMap, stringify } from "@iarna/toml";
import { redactUrl } from "../redact.ts";
import type { PemSource } from "../tls-config.ts";
import { ruleAsKeys, seriesAsKeys } from "./input/input-series.ts";
import type { LocatedInput, PromInput } from "./input/prom-input.ts";
import { promSchema } from "./input/prom-schema.ts";
import { formatDuration } from "./language/duration.ts";
import { fieldsAsKeys } from "./language/fields.ts";
import { isTable, type Key, type Schema } from "./language/schema.ts";
import { agentSchema } from "./settings/agent-schema.ts";
import type { AgentSettings } from "./settings/agent-settings.ts";
import { kubernetesAsKeys } from "./settings/read-kubernetes.ts";

const MASK = "***";

/**
 * The settings and inputs as TOML with every default filled in and every secret masked. It can be read as configuration. `notes` are
 * lines about an input, shown as comments.
 */
export function renderEffective(
  inputs: readonly LocatedInput[],
  settings: AgentSettings,
  notes: (located: LocatedInput) => readonly string[] = () => [],
): string {
  const agent = toToml(mask(agentSchema, settingsAsKeys(settings)));
  const parts = inputs.map((located) => {
    const { input, file, position } = located;
    const where = position === undefined ? file : `${file}:${position.line}`;
    const comments = [where, ...notes(located)].map((line) => `# ${line}\n`).join("");
    return `${comments}${toToml({ inputs: { prom: [mask(promSchema, inputAsKeys(input))] } })}`;
  });
  return [`# settings\n${agent}`, ...parts].join("\n");
}

/** An input under the keys of `[[inputs.prom]]`: reading them again yields the same input. */
export function inputAsKeys(input: PromInput): Record<string, unknown> {
  const { rules } = input;
  return {
    ...fieldsAsKeys(promSchema, input),
    uds_path: input.udsPath,
    output: input.output,
    ...tlsAsKeys(input.tls),
    ...seriesAsKeys(input.series),
    scrape_series: input.scrapeSeries,
    tags_rename: {
      overwrite_exist_tags: rules.tagsRename.overwriteExistTags,
      mapping: rules.tagsRename.mapping,
    },
    as_logging: rules.asLogging && { enable: true, service: rules.asLogging.service },
    auth: bearerAsKeys(input.bearer),
    measurements: rules.measurements.map(({ prefix, name }) => ({ prefix, name })),
  };
}

function httpTokenAsKeys(source: AgentSettings["httpToken"]): Record<string, unknown> {
  return source?.kind === "file" ? { http_token_file: source.path } : { http_token: source?.token };
}

function bearerAsKeys(bearer: PromInput["bearer"]): Record<string, unknown> | undefined {
  return (
    bearer && {
      type: "bearer_token",
      ...(bearer.kind === "token" ? { token: bearer.token } : { token_file: bearer.path }),
    }
  );
}

function tlsAsKeys(tls: PromInput["tls"]): Record<string, unknown> {
  if (tls === undefined) {
    return {};
  }
  const encoded = [...tls.ca, tls.cert, tls.key].some((source) => source?.kind === "text");
  const suffix = encoded ? "_base64" : "";
  return {
    ...(tls.ca.length > 0 && { [`ca_certs${suffix}`]: tls.ca.map(pemAsKey) }),
    [`cert${suffix}`]: tls.cert && pemAsKey(tls.cert),
    [`cert_key${suffix}`]: tls.key && pemAsKey(tls.key),
    server_name: tls.serverName,
    insecure_skip_verify: tls.insecureSkipVerify,
    tls_min_version: tls.minVersion,
  };
}

function pemAsKey(source: PemSource): string {
  return source.kind === "file" ? source.path : Buffer.from(source.pem).toString("base64");
}

function settingsAsKeys(settings: AgentSettings): Record<string, unknown> {
  const { election, lanes, delivery, queue } = settings;
  return {
    hostname: settings.hostname,
    conf_dir: settings.confDir,
    data_dir: settings.dataDir,
    reload_interval: formatDuration(settings.reloadIntervalMs),
    http_listen: settings.httpListen,
    ...httpTokenAsKeys(settings.httpToken),
    protect_mode: settings.protectMode,
    log: { ...settings.log },
    global_host_tags: settings.globalHostTags,
    global_election_tags: settings.globalElectionTags,
    election: { enable: election.enabled, namespace: election.namespace },
    kubernetes: kubernetesAsKeys(settings.kubernetes),
    lanes: {
      count: lanes.count ?? 0,
      scrapes_in_flight: lanes.scrapesInFlight,
      max_bytes_in_flight: lanes.bytesInFlight,
    },
    delivery: {
      flush_interval: formatDuration(delivery.flushIntervalMs),
      payload_size: delivery.payloadBytes,
      max_memory: delivery.memoryBytes,
      when_full: delivery.whenFull,
    },
    queue: {
      enable: queue.enabled,
      dir: queue.dir,
      max_size: queue.maxBytes,
      max_age: formatDuration(queue.maxAgeMs),
      min_free: queue.minFreePercent,
      when_full: queue.whenFull,
      when_full_logging: queue.whenFullLogging,
      sync: queue.sync,
      max_loss: formatDuration(queue.maxLossMs),
      fresh_first: queue.freshFirst,
      drain_rate: queue.drainBytesPerSecond,
    },
    relabel_flavour: settings.metricRelabel.flavour,
    destinations: settings.destinations.map(destinationAsKeys),
    metric_relabel_configs: settings.metricRelabel.rules.map(ruleAsKeys),
    relabel_configs: settings.targetRelabel.rules.map(ruleAsKeys),
  };
}

function destinationAsKeys(one: AgentSettings["destinations"][number]): Record<string, unknown> {
  if (one.kind === "file") {
    const { kind, dir, maxTotalBytes, maxFileBytes } = one;
    return { kind, dir, max_total_size: maxTotalBytes, max_file_size: maxFileBytes };
  }
  const { timeoutMs, proxy, tls, maxRawBodyBytes, ...same } = one;
  const { contentEncoding, ...rest } = { contentEncoding: undefined, ...same };
  return {
    ...rest,
    content_encoding: contentEncoding,
    timeout: formatDuration(timeoutMs),
    http_proxy: proxy,
    ...tlsAsKeys(tls),
    max_raw_body_size: maxRawBodyBytes,
  };
}

/** Masks what the schema calls secret, at any depth. A key that the schema does not have is masked whole. */
function mask(schema: Schema, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(pairs.map(([name, value]) => [name, maskKey(schema[name], value)]));
}

function maskKey(spec: Key<unknown> | undefined, value: unknown): unknown {
  if (spec === undefined || spec.secret === true) {
    return maskWhole(value);
  }
  if (spec.address === true) {
    return Array.isArray(value) ? value.map(maskAddress) : maskAddress(value);
  }
  const { keys } = spec.type;
  if (keys === undefined) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.filter(isTable).map((one) => mask(keys, one));
  }
  return isTable(value) ? mask(keys, value) : value;
}

/** Paths of files are addresses too, and no secret. What has nothing to hide stays as it was written. */
function maskAddress(value: unknown): unknown {
  if (typeof value !== "string" || !/^https?:/i.test(value)) {
    return value;
  }
  const hasNothingToHide = URL.canParse(value) && !/[@?]/.test(value);
  return hasNothingToHide ? value : redactUrl(value);
}

/** How many there are, and under which names, is shown. */
function maskWhole(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(() => MASK);
  }
  return isTable(value) ? Object.fromEntries(Object.keys(value).map((name) => [name, MASK])) : MASK;
}

function toToml(values: Record<string, unknown>): string {
  // Made of strings, numbers, booleans, lists and tables only.
  return stringify(values as JsonMap);
}
