import { DuplicateSlots } from "./duplicate-slots.ts";
import { type LabelShape, LabelShapes } from "./label-shape.ts";
import type { NumberKind } from "./number-text.ts";

/**
 * How the value of a sample is written. `plain`: `-?digits(.digits)?([eE][+-]?digits)?`, finite, at
 * most 32 bytes.
 */
export type ValueKind = NumberKind;

/**
 * One sample line as offsets into the bytes it was parsed from. Made once and reused for every
 * line: what it says is valid until the next parse and as long as these bytes are.
 */
export class SampleLine {
  /** Without quotes. */
  nameStart = 0;
  nameEnd = 0;
  /** The name was quoted and holds a backslash escape. */
  nameEscaped = false;
  labelCount = 0;
  /** Four offsets a label: name start, name end, value start, value end, quotes excluded. */
  readonly spans: Int32Array;
  /** One flag byte a label: bit 0, the name holds an escape; bit 1, the value does. */
  readonly escapes: Uint8Array;
  valueStart = 0;
  valueEnd = 0;
  valueKind: ValueKind = "plain";
  /**
   * The float64, set for kind `number` only (a plain value is copied as text and rarely needed as a
   * number).
   */
  value = 0;
  /**
   * Unix milliseconds, NaN where the line has no timestamp. Fractions are cut off, as in
   * Prometheus. It may lie outside what a destination can hold.
   */
  timestampMs = Number.NaN;
  readonly duplicates: DuplicateSlots;
  /** Counts the lines parsed. */
  number = 0;
  /**
   * What the labels have in common with those of other lines; undefined where that is not known.
   */
  shape: LabelShape | undefined;
  readonly shapes = new LabelShapes();

  constructor(maxLabels: number) {
    this.spans = new Int32Array(maxLabels * 4);
    this.escapes = new Uint8Array(maxLabels);
    this.duplicates = new DuplicateSlots(maxLabels);
  }
}
