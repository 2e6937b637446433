/** What the ledger counts. Bytes are line protocol before compression: cutting a payload in two does not change their sum. */
export interface Tally {
  /** A payload that had to be cut counts where its first part went. */
  readonly payloads: number;
  readonly points: number;
  /** A part of a payload gets its share of the samples by points, rounded so that the sum stays exact. */
  readonly samples: number;
  readonly bytes: number;
}

export const NOTHING: Tally = { payloads: 0, points: 0, samples: 0, bytes: 0 };

export function plus(a: Tally, b: Tally): Tally {
  return {
    payloads: a.payloads + b.payloads,
    points: a.points + b.points,
    samples: a.samples + b.samples,
    bytes: a.bytes + b.bytes,
  };
}

export function minus(a: Tally, b: Tally): Tally {
  return {
    payloads: a.payloads - b.payloads,
    points: a.points - b.points,
    samples: a.samples - b.samples,
    bytes: a.bytes - b.bytes,
  };
}

export function sum(tallies: Iterable<Tally>): Tally {
  let total = NOTHING;
  for (const tally of tallies) {
    total = plus(total, tally);
  }
  return total;
}

/**
 * The part of `whole` that `points` of its points make up, where only their number is known: samples and bytes by
 * proportion, no payload. `minus(whole, share)` is the rest.
 */
export function shareOf(whole: Tally, points: number): Tally {
  const part = Math.min(points, whole.points);
  const ratio = whole.points === 0 ? 0 : part / whole.points;
  return {
    payloads: 0,
    points: part,
    samples: Math.round(whole.samples * ratio),
    bytes: Math.round(whole.bytes * ratio),
  };
}
