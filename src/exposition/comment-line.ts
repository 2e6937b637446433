import type { Dialect } from "./dialect.ts";
import type { MetricType } from "./family-table.ts";
import type { LineFault } from "./line-fault.ts";

export type Comment =
  | { readonly kind: "type"; readonly family: string; readonly type: MetricType }
  /** HELP, UNIT, and free comments: nothing that changes what follows. */
  | { readonly kind: "other" }
  | { readonly kind: "eof" }
  | { readonly kind: "fault"; readonly reason: LineFault };

/** Parses a line whose first byte after blanks is `#`. */
export function parseComment(
  _bytes: Uint8Array,
  _start: number,
  _end: number,
  _dialect: Dialect,
): Comment {
  throw new Error("not built yet");
}
