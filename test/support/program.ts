import {
  PROMLINE_PROGRAM,
  PROMLINE_PROGRAM_ENV,
} from "../../native-bench/contenders/promline-program.ts";

/**
 * The promline that end-to-end tests start: this checkout's, or what is shipped, an installed tarball or an image root, where
 * PROMLINE_PROGRAM names its executable. PROMLINE_NODE names the Node it runs on, as for a user.
 */
export const PROGRAM = PROMLINE_PROGRAM;

/** What it needs in its environment. */
export const PROGRAM_ENV = PROMLINE_PROGRAM_ENV;

/** Whether it is what is shipped. */
export const IS_SHIPPED = process.env["PROMLINE_PROGRAM"] !== undefined;
