import type { WorkloadPart } from "../workload/workload.ts";

/** What the targets are asked to serve. */
export interface TargetsOrder {
  readonly role: "targets";
  readonly parts: readonly WorkloadPart[];
  readonly seed: number;
  /** One for each target, over all parts. */
  readonly addresses: readonly string[];
  /** `negotiate`: gzip for who asks for it, as Go's client library does. `identity`: plain for all, as Envoy does. */
  readonly encoding: "identity" | "negotiate";
}

export interface SinkOrder {
  readonly role: "sink";
  readonly host: string;
}

export type ServerOrder = TargetsOrder | SinkOrder;

/** Of all targets since the start. */
export interface TargetsCount {
  readonly role: "targets";
  /** Pages asked for. */
  readonly asked: number;
  /** Pages that went out whole. */
  readonly scrapes: number;
  /** Sample lines in these, and how many of them the workload's filter keeps. */
  readonly samples: number;
  readonly kept: number;
  /** Bytes of these pages, uncompressed and as they went out. */
  readonly bytes: number;
  readonly sentBytes: number;
  /** How many of them went out compressed. */
  readonly compressed: number;
  /** Pages asked for, by `Accept-Encoding`; `(none)` where the request has none. */
  readonly encodings: Readonly<Record<string, number>>;
  /** Targets that were not yet scraped. */
  readonly waiting: number;
  /** Ticks at which a target was not asked although it had been before. */
  readonly missedTicks: number;
}

/** Of the sink since the start. */
export interface SinkCount {
  readonly role: "sink";
  readonly requests: number;
  /** Samples of pages. */
  readonly samples: number;
  /** Samples that the agent made itself: `up`, `scrape_duration_seconds` and the like. */
  readonly ownSamples: number;
  readonly staleMarkers: number;
  /** Bytes of bodies as sent, and inflated. */
  readonly wireBytes: number;
  readonly rawBytes: number;
  /** Of every so-manieth body of line protocol: as sent, and what zlib level 1 makes of the same text. */
  readonly probedWireBytes: number;
  readonly probedLevel1Bytes: number;
  /** Bodies that could not be read, the first reason. */
  readonly faults: number;
  readonly firstFault?: string;
}

export type ServerCount = TargetsCount | SinkCount;

export type ServerRequest = { readonly kind: "count" } | { readonly kind: "pause" };

export type ServerMessage =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "count"; readonly count: ServerCount };
