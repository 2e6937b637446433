import type { AgentSettings, HttpDestination } from "../config/settings/agent-settings.ts";
import {
  type DeliverySettings,
  type DestinationSettings,
  HTTP_DEFAULTS,
  type HttpSettings,
  type QueueSettings,
} from "../delivery/delivery-settings.ts";

/**
 * What the user configured about delivery as what delivery is told; `memoryBytes` by the memory plan. Names of destinations are their
 * kind, numbered.
 */
export function deliverySettingsOf(settings: AgentSettings, memoryBytes: number): DeliverySettings {
  const { delivery, destinations, hostname } = settings;
  const bodies = destinations.map((destination) =>
    destination.kind === "file" ? delivery.payloadBytes : destination.maxRawBodyBytes,
  );
  return {
    destinations: destinations.map((destination, index) =>
      destination.kind === "file"
        ? {
            kind: "file",
            name: nameOf(destination.kind, index, destinations.length),
            directory: destination.dir,
            maxFileBytes: destination.maxFileBytes,
            maxTotalBytes: destination.maxTotalBytes,
          }
        : httpDestination(
            destination,
            nameOf(destination.kind, index, destinations.length),
            settings,
          ),
    ),
    memoryBytes,
    overflow: delivery.whenFull,
    flushIntervalMs: delivery.flushIntervalMs,
    maxRawBodyBytes: Math.min(...bodies),
    hostName: hostname,
    ...(settings.queue.enabled && destinations.some(({ kind }) => kind !== "file")
      ? { queue: queueOf(settings.queue) }
      : {}),
  };
}

function queueOf(queue: AgentSettings["queue"]): QueueSettings {
  const { dir, minFreePercent, whenFull, whenFullLogging, ...same } = queue;
  return {
    directory: dir,
    maxBytes: same.maxBytes,
    maxAgeMs: same.maxAgeMs,
    minFreeRatio: minFreePercent / 100,
    overflow: { metric: whenFull, logging: whenFullLogging },
    sync: same.sync,
    maxLossMs: same.maxLossMs,
    freshFirst: same.freshFirst,
    drainBytesPerSecond: same.drainBytesPerSecond,
  };
}

function nameOf(kind: string, index: number, count: number): string {
  return count === 1 ? kind : `${kind}-${index + 1}`;
}

/** Sorted by key. */
function globalTagsText({ globalHostTags, globalElectionTags }: AgentSettings): string {
  return Object.entries({ ...globalHostTags, ...globalElectionTags })
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function httpDestination(
  destination: HttpDestination,
  name: string,
  settings: AgentSettings,
): DestinationSettings {
  const http: HttpSettings = {
    ...HTTP_DEFAULTS,
    timeoutMs: destination.timeoutMs,
    idleTimeoutMs: destination.idleTimeoutMs,
    connectionAgeMs: destination.connectionAgeMs,
    gzip: destination.gzip,
    ...(destination.proxy === undefined ? {} : { proxyUrl: destination.proxy }),
    ...(destination.tls === undefined ? {} : { tls: destination.tls }),
    headers: destination.headers,
  };
  const { url } = destination;
  switch (destination.kind) {
    case "dataway":
      return {
        kind: "dataway",
        name,
        url,
        encoding: destination.contentEncoding === "v2" ? "protobuf" : "line_protocol",
        ...(settings.sinker.enabled && { sinker: { globalTags: globalTagsText(settings) } }),
        http,
      };
    case "influxdb_v1": {
      const { db, user, password } = destination;
      return {
        kind: "influx_v1",
        name,
        url,
        database: db,
        http,
        ...(user === undefined ? {} : { username: user }),
        ...(password === undefined ? {} : { password }),
      };
    }
    case "influxdb_v2": {
      const { org, bucket, token } = destination;
      return {
        kind: "influx_v2",
        name,
        url,
        org,
        bucket,
        http,
        ...(token === undefined ? {} : { token }),
      };
    }
  }
}
