/** Which endpoint of the destination points go to. */
export type Category = "metric" | "logging";

/**
 * Encoded points on their way from a lane to a destination.
 *
 * `gzip` is one whole gzip member of line protocol that ends with a line end. Members can be joined byte for byte into one
 * gzip stream (RFC 1952, 2.2), so nothing is compressed twice. The array owns its buffer: it can be transferred and kept.
 */
export interface Payload {
  readonly category: Category;
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** Bytes of line protocol before compression. */
  readonly rawBytes: number;
  /** Lines in it. */
  readonly points: number;
  /** Samples in it: a `_sum`/`_count` pair is one point and two samples. */
  readonly samples: number;
  /**
   * What all its points agree in, for DataWay's sinker: `key=value` pairs joined by commas. Absent where they have none of the keys,
   * or nobody asked for it.
   */
  readonly sinkTags?: string;
}

/** Takes payloads in order. A promise asks for a pause until it resolves: the way out is full. */
export type Emit = (payload: Payload) => Promise<void> | undefined;
