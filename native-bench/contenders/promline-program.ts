import { fileURLToPath } from "node:url";

const { env } = process;

export const CHECKOUT_PROGRAM = fileURLToPath(new URL("../../bin/promline", import.meta.url));

/** Our own agent: that of PROMLINE_PROGRAM, an installed tarball or an image root, else this checkout's. */
export const PROMLINE_PROGRAM = env["PROMLINE_PROGRAM"] ?? CHECKOUT_PROGRAM;

const node = env["PROMLINE_NODE"];

/** What it needs of our environment: the Node it shall run on, where one is named. */
export const PROMLINE_PROGRAM_ENV: Readonly<Record<string, string>> =
  node === undefined ? {} : { PROMLINE_NODE: node };
