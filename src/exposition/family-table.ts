/** `unknown` is `untyped`, `stateset` is `gauge`, `gaugehistogram` is `histogram`. */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "untyped" | "info";

/** What a sample is within its family. `scalar`: it stands alone. */
export type SamplePart = "scalar" | "bucket" | "sum" | "count" | "quantile" | "info";

export interface SampleRole {
  readonly family: string;
  readonly type: MetricType;
  readonly part: SamplePart;
}

/**
 * The types a page has declared so far. A sample whose name no declaration covers is a scalar of an untyped family of
 * its own name. Families may come interleaved and be declared again (the last type wins); at most `maxFamilies`
 * declarations are held, the oldest is forgotten first.
 */
export class FamilyTable {
  readonly maxFamilies: number;

  constructor(maxFamilies: number) {
    this.maxFamilies = maxFamilies;
  }

  reset(): void {
    throw new Error("not built yet");
  }

  /** A `# TYPE name type` line. */
  declare(_family: string, _type: MetricType): void {
    throw new Error("not built yet");
  }

  /** The same object for the same answer, as long as nothing was declared in between. */
  roleOf(_sampleName: string, _hasQuantile: boolean): SampleRole {
    throw new Error("not built yet");
  }
}
