/** How long to wait before something that failed is tried again. */
export interface BackOff {
  /** After the first failure, in milliseconds; each further one doubles it. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** The part of the wait that is drawn at random, so that many who failed together do not come back together. Default: none. */
  readonly jitter?: "half" | "full";
}

/** Beyond so many doublings every wait is the longest one. */
const MOST_DOUBLINGS = 30;

/**
 * Milliseconds to wait after the `failures`-th failure in a row, from 1; 0 for none. `random` is from [0, 1); 1 gives the
 * longest wait that may be drawn.
 */
export function backOffMs(
  { firstMs, longestMs, jitter }: BackOff,
  failures: number,
  random = 1,
): number {
  if (failures < 1) {
    return 0;
  }
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
  const drawnMs = jitter === "full" ? ceilingMs : jitter === "half" ? ceilingMs / 2 : 0;
  return ceilingMs - drawnMs + random * drawnMs;
}
