import { setTimeout as delay } from "node:timers/promises";

/** Thrown by a probe when waiting longer is no use. */
export class Hopeless extends Error {}

/**
 * Asks `probe` again and again until it gives something other than undefined, and gives that. After `timeoutMs` it throws
 * with `what` and the last error the probe threw; errors before that count as "not yet", but for `Hopeless`.
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let trouble: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined) {
        return found;
      }
    } catch (error) {
      if (error instanceof Hopeless) {
        throw error;
      }
      trouble = error;
    }
    if (performance.now() > end) {
      const detail = trouble === undefined ? "" : ` (${String(trouble)})`;
      throw new Error(`waited ${timeoutMs} ms for ${what}${detail}`);
    }
    await delay(25);
  }
}
