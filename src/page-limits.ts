/** Bounds of the page of one scrape; each has a failure or line-fault reason of its own. All on by default. */
export interface PageLimits {
  /** Milliseconds for name resolution, connecting and the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** Milliseconds until a connection to a name is used for no further request. */
  readonly connectionAgeMs: number;
  /** Milliseconds without a byte, before the headers and within the body. */
  readonly idleTimeoutMs: number;
  readonly headerBytes: number;
  /** Body after decompression. */
  readonly bodyBytes: number;
  /** Decompressed bytes for each compressed byte, judged once 1 MiB has come out. */
  readonly decompressionRatio: number;
  readonly lineBytes: number;
  readonly labelsPerLine: number;
  /** Sample lines of a page. */
  readonly samples: number;
}
