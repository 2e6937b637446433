import type { RelabelConfig } from "../../rules/relabel/relabel-program.ts";
import type { TlsConfig } from "../../tls-config.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";

/** Where points go. Addresses and tokens are secrets. */
export type HttpDestination = (
  | {
      readonly kind: "dataway";
      /** `https://host?token=…` as given. */
      readonly url: string;
      /** `v1`: line protocol; `v2`: protobuf. */
      readonly contentEncoding: "v1" | "v2";
    }
  | {
      readonly kind: "influxdb_v1";
      readonly url: string;
      readonly db: string;
      readonly user?: string;
      readonly password?: string;
    }
  | {
      readonly kind: "influxdb_v2";
      readonly url: string;
      readonly org: string;
      readonly bucket: string;
      readonly token?: string;
    }
) &
  HttpDelivery;

/** How any of the destinations that are spoken to by HTTP is reached. */
export interface HttpDelivery {
  readonly timeoutMs: number;
  /** Of connections. */
  readonly idleTimeoutMs: number;
  /** Of connections to a name. */
  readonly connectionAgeMs: number;
  /** `http://…` or `https://…`. */
  readonly proxy?: string;
  readonly gzip: boolean;
  /** Absent: TLS as it is without settings, verified by the authorities of Node and the system. */
  readonly tls?: TlsConfig;
  /** Line protocol in one request, before compression. */
  readonly maxRawBodyBytes: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Line-protocol files, rotated by size; the oldest go first. */
export interface FileDestination {
  readonly kind: "file";
  readonly dir: string;
  readonly maxTotalBytes: number;
  readonly maxFileBytes: number;
}

export type HttpToken =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "file"; readonly path: string };

/** The agent's own settings: `promline.toml`, the environment over it, defaults applied. Plain data. */
export interface AgentSettings {
  /** Name of the node. */
  readonly hostname: string;
  readonly confDir: string;
  readonly dataDir: string;
  /** How often drop-ins are looked at for changes. */
  readonly reloadIntervalMs: number;
  /** `host:port` of `/metrics` and the pages. */
  readonly httpListen: string;
  /** The bearer token for the pages that are for this machine only, or its file. A secret. */
  readonly httpToken?: HttpToken;
  readonly log: {
    readonly level: "trace" | "debug" | "info" | "warn" | "error";
    /** `auto`: pretty on a terminal, JSON elsewhere. */
    readonly format: "auto" | "json" | "pretty";
  };
  /** Added to points that lack them; always with `host`. */
  readonly globalHostTags: Readonly<Record<string, string>>;
  /** The same for inputs with `election = true`. Equal to the host tags while election is off. */
  readonly globalElectionTags: Readonly<Record<string, string>>;
  readonly election: { readonly enabled: boolean; readonly namespace: string };
  readonly kubernetes: KubernetesSettings;
  readonly lanes: {
    /** Worker threads, at least 1; undefined: as many as their work asks for. */
    readonly count: number | undefined;
    /** Scrapes at the same time in one lane. */
    readonly scrapesInFlight: number;
    /** Bytes of pages that may be on their way at the same time, all lanes together. */
    readonly bytesInFlight: number;
  };
  /** Memory for what became of series seen before, all lanes together; undefined: the memory plan says. */
  readonly replayBytes: number | undefined;
  readonly delivery: {
    readonly flushIntervalMs: number;
    /** Line protocol that is gathered before a flush, before compression. */
    readonly payloadBytes: number;
    /** Payloads kept in memory for one destination, compressed; undefined: the memory plan says. */
    readonly memoryBytes: number | undefined;
    readonly whenFull: "drop_oldest" | "drop_newest";
    /** Points of a time far from that of their scrape get the latter. */
    readonly correctTimes: boolean;
  };
  /** The disk behind the memory. */
  readonly queue: {
    readonly enabled: boolean;
    readonly dir: string;
    /** For each category. */
    readonly maxBytes: number;
    readonly maxAgeMs: number;
    readonly minFreePercent: number;
    readonly whenFull: "drop_oldest" | "drop_newest";
    readonly whenFullLogging: "drop_oldest" | "drop_newest";
    readonly sync: "interval" | "always" | "never";
    readonly maxLossMs: number;
    readonly freshFirst: boolean;
    /** 0: no limit. */
    readonly drainBytesPerSecond: number;
  };
  /** For the samples of every input, after its own rules. */
  readonly metricRelabel: RelabelConfig;
  /** For the targets of every input, after its own rules. */
  readonly targetRelabel: RelabelConfig;
  /** At least one: the file where nothing is configured. */
  readonly destinations: readonly (HttpDestination | FileDestination)[];
  /** Bodies agree in the tags DataWay's sinker goes by: global tags and these. Off where there is no DataWay. */
  readonly sinker: { readonly enabled: boolean; readonly customerKeys: readonly string[] };
  /** Times of scrapes follow DataWay's clock where it is at least so far off. Off where there is no DataWay. */
  readonly datawayClock: {
    readonly enabled: boolean;
    readonly intervalMs: number;
    readonly leastOffsetMs: number;
  };
  /** Intervals and body sizes are held within their safe bounds. */
  readonly protectMode: boolean;
}
