import type { StartSignals } from "../start-signals.ts";

/** Where a command writes. Text is written as it is: line ends are the caller's. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** A promise while the reader of standard output is slow: who writes much waits for it. */
  slow(): Promise<void> | undefined;
  /** Those that came since the process began, for `run`. Absent: it listens from then on. */
  readonly signals?: StartSignals;
}

/** Everything went well. */
export const EXIT_OK = 0;
/** It ran and failed. */
export const EXIT_FAILED = 1;
/** The configuration or the command line is wrong. */
export const EXIT_USAGE = 2;
