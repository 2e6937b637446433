import type { Comment } from "../exposition/comment-line.ts";
import type { SampleLine } from "../exposition/sample-line.ts";
import type { FilterRule } from "../rules/filter-rule.ts";
import type { DropReason } from "./line-counts.ts";

export type Declaration = Pick<Extract<Comment, { kind: "type" }>, "family" | "type">;

/**
 * What the cold path made of a line. There is one object for each page: the next line overwrites
 * it.
 */
export class LineOutcome {
  /** `nothing`: a blank line, a fault, or a line that was not read because the page has stopped. */
  kind: "nothing" | "comment" | "type" | "eof" | "sample" = "nothing";
  /** Of `type`. */
  declared: Declaration | undefined;
  /** Of `sample`: why it makes no point; undefined if it made one, or half of one. */
  lost: FilterRule | DropReason | undefined;
  /** Of `sample`: its parts, as offsets into the bytes of the line. */
  readonly line: SampleLine;

  constructor(line: SampleLine) {
    this.line = line;
  }

  reset(): void {
    this.kind = "nothing";
    this.declared = undefined;
    this.lost = undefined;
  }
}
