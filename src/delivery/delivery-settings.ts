import type { Category } from "../payload.ts";
import type { TlsConfig } from "../tls-config.ts";
import { GIB, HOUR, MIB, MINUTE, SECOND } from "../units.ts";

/**
 * What happens when memory is full: `drop_oldest` lets go of the oldest bodies that are not being sent, `drop_newest`
 * refuses what comes.
 */
export type OverflowPolicy = "drop_oldest" | "drop_newest";

/** Everything delivery is told, with all decisions taken; what the user writes is turned into it elsewhere. */
export interface DeliverySettings {
  /** Each gets everything. Names are unique: they are metric labels. */
  readonly destinations: readonly DestinationSettings[];
  /**
   * Bytes of compressed payloads held in memory, see `Delivery`. Should be several times `maxRawBodyBytes`.
   */
  readonly memoryBytes: number;
  readonly overflow: OverflowPolicy;
  /** Milliseconds after which what came is sent although a body is not full. */
  readonly flushIntervalMs: number;
  /** Line protocol in one body, before compression (`ENV_DATAWAY_MAX_RAW_BODY_SIZE`). */
  readonly maxRawBodyBytes: number;
  /** Name of this node, for `User-Agent`. */
  readonly hostName: string;
  /** Absent: what waits is in memory only. */
  readonly queue?: QueueSettings;
}

/** The disk behind the memory. */
export interface QueueSettings {
  readonly directory: string;
  /** Bytes on disk for each category. */
  readonly maxBytes: number;
  /** What came longer ago, in milliseconds, is lost. */
  readonly maxAgeMs: number;
  /** The part of the disk, from 0 to 1, that stays free. */
  readonly minFreeRatio: number;
  /** What to lose when the disk queue is full. */
  readonly overflow: Readonly<Record<Category, OverflowPolicy>>;
  /**
   * - `interval`: what has waited for `maxLossMs` survives a crash of the process and a loss of power
   * - `always`: everything is written and synced at once
   * - `never`: as `interval`, but survives a crash of the process only
   */
  readonly sync: "interval" | "always" | "never";
  readonly maxLossMs: number;
  /** True: what came last is sent before what waits on disk. */
  readonly freshFirst: boolean;
  /** Compressed bytes a second at which what waits on disk is sent, for each destination; 0: no limit. */
  readonly drainBytesPerSecond: number;
}

/** Values for what nobody set. */
export const QUEUE_DEFAULTS = {
  maxBytes: 2 * GIB,
  maxAgeMs: 12 * HOUR,
  minFreeRatio: 0.15,
  overflow: { metric: "drop_oldest", logging: "drop_oldest" },
  sync: "interval",
  maxLossMs: SECOND,
  freshFirst: true,
  drainBytesPerSecond: 8 * MIB,
} as const satisfies Partial<QueueSettings>;

export type DestinationSettings =
  | DatawaySettings
  | InfluxV1Settings
  | InfluxV2Settings
  | FileSettings;

/** How requests are made. */
export interface HttpSettings {
  /** Milliseconds from the start of a request to the end of its answer. */
  readonly timeoutMs: number;
  /** Milliseconds after which a connection without requests is closed. */
  readonly idleTimeoutMs: number;
  /** Milliseconds until connections to a host given by name are replaced. */
  readonly connectionAgeMs: number;
  /** Requests at the same time while the destination is well; one while it is not. */
  readonly concurrency: number;
  /** False: bodies are sent as plain text. */
  readonly gzip: boolean;
  /** http or https URL, with user and password where it needs them. Absent: no proxy, whatever the environment says. */
  readonly proxyUrl?: string;
  /** Sent with every request, over our own of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: verified by the authorities of Node and the system. */
  readonly tls?: TlsConfig;
}

export const HTTP_DEFAULTS = {
  timeoutMs: 30 * SECOND,
  idleTimeoutMs: 90 * SECOND,
  connectionAgeMs: 5 * MINUTE,
  concurrency: 4,
  gzip: true,
} as const satisfies HttpSettings;

/** `url`: scheme, host and query count, the path is discarded (specification, 5.1). The token is in its query. */
export interface DatawaySettings {
  readonly kind: "dataway";
  readonly name: string;
  readonly url: string;
  /** Default: line protocol. Protobuf costs opening and compressing each body anew. */
  readonly encoding?: "line_protocol" | "protobuf";
  /** Requests carry `X-Global-Tags`: of a body what its points agree in, of others these, `key=value` joined by commas. */
  readonly sinker?: { readonly globalTags: string };
  readonly http: HttpSettings;
}

/** InfluxDB 1.x and VictoriaMetrics: `<url>/write?db=…`; path and query of the URL stay. */
export interface InfluxV1Settings {
  readonly kind: "influx_v1";
  readonly name: string;
  readonly url: string;
  readonly database: string;
  readonly retentionPolicy?: string;
  readonly username?: string;
  readonly password?: string;
  readonly http: HttpSettings;
}

/** InfluxDB 2.x: `<url>/api/v2/write?org=…&bucket=…`; path and query of the URL stay. */
export interface InfluxV2Settings {
  readonly kind: "influx_v2";
  readonly name: string;
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token?: string;
  readonly http: HttpSettings;
}

/** Line protocol as plain text in `<directory>/metrics.lp` and `<directory>/logging.lp`, rotated. */
export interface FileSettings {
  readonly kind: "file";
  readonly name: string;
  readonly directory: string;
  /** A file that would grow beyond is rotated first. A body is never cut for it. */
  readonly maxFileBytes: number;
  /** All files of the directory that are ours; the oldest rotated ones go first. At least `maxFileBytes`. */
  readonly maxTotalBytes: number;
}
