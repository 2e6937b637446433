/** Samples in one body. */
export interface BodyCount {
  /** Of pages. */
  samples: number;
  /** That the agent made itself, `up` say. */
  ownSamples: number;
  staleMarkers: number;
}

export function noSamples(): BodyCount {
  return { samples: 0, ownSamples: 0, staleMarkers: 0 };
}
