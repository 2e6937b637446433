import { createHash } from "node:crypto";
import type { PromInput } from "../config/input/prom-input.ts";

/**
 * A name for one URL with what its input declares: 16 hex digits, equal after a reload or a restart as long as neither
 * changed, wherever in conf.d it stands. It hashes secrets too (a changed token is a changed target), so it is for
 * inside the process: not for a page, a metric or a file name.
 */
export function targetKey(url: string, input: PromInput): string {
  const { urls: _, ...declared } = input;
  return createHash("sha256")
    .update(JSON.stringify([url, declared]))
    .digest("hex")
    .slice(0, 16);
}
