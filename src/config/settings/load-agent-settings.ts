import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readRelabelRules } from "../input/input-series.ts";
import type { ConfigIssue } from "../language/config-issue.ts";
import type { Environment } from "../language/environment.ts";
import { IssueLog } from "../language/issue-log.ts";
import { Reading } from "../language/reading.ts";
import { readTable, setVariable, type Values } from "../language/schema.ts";
import { parseToml } from "../language/toml-document.ts";
import { boolean } from "../language/value-types.ts";
import { agentSchema } from "./agent-schema.ts";
import type { AgentSettings } from "./agent-settings.ts";
import { readDestinations } from "./destinations.ts";
import { resolveTags } from "./global-tags.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { readHttpToken } from "./read-http-token.ts";
import { readKubernetes } from "./read-kubernetes.ts";
import { checkVariables } from "./variables.ts";

type AgentValues = Values<typeof agentSchema>;

/**
 * The agent's settings: `promline.toml` where one is given, the environment over it. With an error among the issues the
 * settings are there to be shown, not to be run. Never rejects.
 */
export async function loadAgentSettings(
  configFile: string | undefined,
  environment: Environment,
  machine: Machine = thisMachine,
): Promise<{ settings: AgentSettings; issues: ConfigIssue[] }> {
  const log = new IssueLog();
  const [root, at] = await readRoot(configFile, environment, log);
  const values = withInvertedVariables(readTable(agentSchema, root, at), at);
  checkVariables(at);
  warnOfUnbuilt(values, at);
  const settings = await settle(values, at, machine);
  return { settings, issues: log.inOrder(configFile ?? "environment") };
}

async function readRoot(
  configFile: string | undefined,
  environment: Environment,
  log: IssueLog,
): Promise<[Readonly<Record<string, unknown>>, Reading]> {
  const nothing = new Reading(
    { log, file: configFile ?? "environment", environment },
    "",
    undefined,
  );
  if (configFile === undefined) {
    return [{}, nothing];
  }
  let text: string;
  try {
    text = await readFile(configFile, "utf8");
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    nothing.error(`cannot be read (${typeof code === "string" ? code : "unknown reason"})`);
    return [{}, nothing];
  }
  const outcome = parseToml(text, configFile, environment);
  if (outcome.kind === "broken") {
    log.add("error", () => outcome.issue);
    return [{}, nothing];
  }
  const { document } = outcome;
  const context = { log, file: configFile, document, environment };
  return [document.root, new Reading(context, "", document.places)];
}

/** Three variables of DataKit say the opposite of the key. */
function withInvertedVariables(values: AgentValues, at: Reading): AgentValues {
  const unprotected = readFlag("ENV_DISABLE_PROTECT_MODE", at);
  const uncompressed = readFlag("ENV_DATAWAY_DISABLE_GZIP", at);
  const unasked = readFlag("ENV_DATAWAY_DISABLE_NTP", at);
  return {
    ...values,
    protect_mode: unprotected === undefined ? values.protect_mode : !unprotected,
    dataway: {
      ...values.dataway,
      gzip: uncompressed === undefined ? values.dataway.gzip : !uncompressed,
      ntp: {
        ...values.dataway.ntp,
        enable: unasked === undefined ? values.dataway.ntp.enable : !unasked,
      },
    },
  };
}

function readFlag(name: string, at: Reading): boolean | undefined {
  const text = setVariable(at, name);
  return text === undefined
    ? undefined
    : boolean.read(boolean.fromText?.(text) ?? text, at.variable(name));
}

function warnOfUnbuilt(values: AgentValues, at: Reading): void {
  if (values.election.enable) {
    at.child("election")
      .child("enable")
      .orVariable("ENV_ENABLE_ELECTION")
      .warn("election is not built yet: every node scrapes every input");
  }
}

async function settle(values: AgentValues, at: Reading, machine: Machine): Promise<AgentSettings> {
  const hostname = values.hostname ?? machine.hostname();
  const { hostTags, electionTags } = await globalTags(values, hostname, at, machine);
  const destinations = readDestinations(values, at);
  const toDataway = destinations.some(({ kind }) => kind === "dataway");
  return {
    hostname,
    confDir: values.conf_dir,
    dataDir: values.data_dir,
    reloadIntervalMs: values.reload_interval,
    httpListen: readListen(values.http_listen, at),
    ...readHttpToken(values, at),
    log: values.log,
    globalHostTags: hostTags,
    globalElectionTags: electionTags,
    election: { enabled: values.election.enable, namespace: values.election.namespace },
    kubernetes: readKubernetes(values.kubernetes, at),
    lanes: {
      count: values.lanes.count === 0 ? undefined : values.lanes.count,
      scrapesInFlight: values.lanes.scrapes_in_flight,
      bytesInFlight: values.lanes.max_bytes_in_flight,
    },
    replayBytes: values.replay.max_bytes,
    delivery: {
      flushIntervalMs: values.delivery.flush_interval,
      payloadBytes: values.delivery.payload_size,
      memoryBytes: values.delivery.max_memory,
      whenFull: values.delivery.when_full,
      correctTimes: values.delivery.auto_timestamp_correction,
    },
    queue: {
      enabled: values.queue.enable,
      dir: values.queue.dir ?? join(values.data_dir, "queue"),
      maxBytes: values.queue.max_size,
      maxAgeMs: values.queue.max_age,
      minFreePercent: values.queue.min_free,
      whenFull: values.queue.when_full,
      whenFullLogging: values.queue.when_full_logging,
      sync: values.queue.sync,
      maxLossMs: values.queue.max_loss,
      freshFirst: values.queue.fresh_first,
      drainBytesPerSecond: values.queue.drain_rate,
    },
    metricRelabel: {
      flavour: values.relabel_flavour,
      rules: readRelabelRules("metric_relabel_configs", values, at),
    },
    targetRelabel: {
      flavour: values.relabel_flavour,
      rules: readRelabelRules("relabel_configs", values, at),
    },
    destinations,
    sinker: {
      enabled: values.dataway.enable_sinker && toDataway,
      customerKeys: values.dataway.global_customer_keys,
    },
    datawayClock: {
      enabled: values.dataway.ntp.enable && toDataway,
      intervalMs: values.dataway.ntp.interval,
      leastOffsetMs: values.dataway.ntp.diff,
    },
    protectMode: values.protect_mode,
  };
}

/** The tag `host` is the name of the node, whatever was configured, as in DataKit. */
async function globalTags(
  values: AgentValues,
  hostname: string,
  at: Reading,
  machine: Machine,
): Promise<{
  hostTags: AgentSettings["globalHostTags"];
  electionTags: AgentSettings["globalElectionTags"];
}> {
  const address = setVariable(at, "ENV_K8S_NODE_IP") ?? setVariable(at, "HOST_IP");
  const node = { hostname, address };
  const here = at.child("global_host_tags").orVariable("ENV_GLOBAL_HOST_TAGS");
  const cluster = values.cluster_name_k8s;
  const hostTags = {
    ...(await resolveTags(values.global_host_tags, node, machine, here)),
    ...(cluster && { cluster_name_k8s: cluster }),
    host: setVariable(at, "ENV_K8S_CLUSTER_NODE_NAME") ?? hostname,
  };
  if (!values.election.enable) {
    return { hostTags, electionTags: hostTags };
  }
  const there = at.child("global_election_tags").orVariable("ENV_GLOBAL_ELECTION_TAGS");
  const electionTags = {
    ...(await resolveTags(values.global_election_tags, node, machine, there)),
    ...(values.election.namespace_tag && { election_namespace: values.election.namespace }),
  };
  return { hostTags, electionTags };
}

function readListen(text: string, at: Reading): string {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^:\s]*):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535) {
    const here = at.child("http_listen").orVariable("ENV_HTTP_LISTEN");
    here.error(`${here.show(text)} is not of the form host:port`);
  }
  return text;
}
