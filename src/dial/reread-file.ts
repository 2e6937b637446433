import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { MIB, SECOND } from "../units.ts";

const CHECK_MS = SECOND;
/** More of a file is not read. */
const MAX_BYTES = 4 * MIB;

/**
 * The parsed content of a small local file, read again when it has changed; looked at once a second at most, and only when asked.
 * A file that is not there is an empty one. The calls are synchronous on purpose: they take microseconds, and one that waited for
 * the thread pool would wait for whatever else is in there.
 */
export class RereadFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #clock: Clock;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #stamp = "";
  #content: T | undefined;

  constructor(path: string, parse: (text: string) => T, clock: Clock) {
    this.#path = path;
    this.#parse = parse;
    this.#clock = clock;
  }

  get content(): T {
    const nowMs = this.#clock.monotonic();
    if (this.#content !== undefined && nowMs - this.#checkedMs < CHECK_MS) {
      return this.#content;
    }
    this.#checkedMs = nowMs;
    // The stamp is taken before the content: a write in between shows at the next look.
    const stamp = stampOf(this.#path);
    if (this.#content === undefined || stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#content = this.#parse(textOf(this.#path));
    }
    return this.#content;
  }
}

function stampOf(path: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(Math.min(fstatSync(file).size, MAX_BYTES));
      return bytes.toString("utf8", 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
