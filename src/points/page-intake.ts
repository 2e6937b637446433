import type { Dialect } from "../exposition/dialect.ts";
import type { PageStop } from "../page-sink.ts";
import type { FaultExample } from "./fault-example.ts";
import type { LineCounts } from "./line-counts.ts";
import type { PayloadWriter } from "./payload-writer.ts";

/** Turns the bytes of one target's pages into lines of line protocol; one page at a time. */
export interface PageIntake {
  /** Of the page so far. */
  readonly counts: LineCounts;
  readonly examples: readonly FaultExample[];
  /** Set where nothing after a certain line is read. */
  readonly stopped: PageStop | undefined;
  /**
   * A page begins whose points carry `atMs` (Unix milliseconds) and go to `output`. May be said
   * again before the first byte.
   */
  begin(dialect: Dialect, atMs: number, output: PayloadWriter): void;
  /** The next bytes of the page; a chunk may end anywhere. Valid during the call only. */
  push(chunk: Uint8Array): void;
  /**
   * The page is over; where it did not come whole its last, unfinished line is left out. Once for
   * each page.
   */
  end(whole: boolean): void;
}
