import { hash, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import type { Clock } from "../../clock.ts";
import { KIB, SECOND } from "../../units.ts";

/** The bearer token that opens every page: as configured, or the content of a file. */
export type AdminTokenSource =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "file"; readonly path: string };

/** A changed file counts from then on; whoever tries many tokens makes no more reads than that. */
const READ_AGAIN_MS = SECOND;
const MAX_BYTES = 16 * KIB;

/** Compares what askers bring with the token. Neither is ever part of a message. */
export class AdminToken {
  readonly #source: AdminTokenSource;
  readonly #clock: Clock;
  readonly #trouble: (error: unknown) => void;
  #read: Promise<string | undefined> | undefined;
  #readAtMs = 0;

  /** `trouble` is told why the file has no token; nothing opens the pages meanwhile. */
  constructor(source: AdminTokenSource, clock: Clock, trouble: (error: unknown) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#trouble = trouble;
  }

  /** Whether `given` is the token. Takes the same time wherever they differ. */
  async is(given: string): Promise<boolean> {
    const token = await this.#current();
    return token !== undefined && timingSafeEqual(digest(token), digest(given));
  }

  /** Reads the file, so that trouble with it is told before somebody asks. */
  async check(): Promise<void> {
    await this.#current();
  }

  #current(): Promise<string | undefined> {
    const nowMs = this.#clock.monotonic();
    if (this.#read === undefined || nowMs - this.#readAtMs >= READ_AGAIN_MS) {
      this.#readAtMs = nowMs;
      this.#read = this.#tokenNow();
    }
    return this.#read;
  }

  async #tokenNow(): Promise<string | undefined> {
    if (this.#source.kind === "token") {
      return this.#source.token;
    }
    const { path } = this.#source;
    try {
      const token = (await startOf(path)).trim();
      if (token !== "") {
        return token;
      }
      this.#trouble(new Error(`http_token_file ${path} is empty: no token opens the pages`));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : String(error);
      this.#trouble(new Error(`http_token_file ${path} cannot be read (${code})`));
    }
    return undefined;
  }
}

/** At most `MAX_BYTES` of a file: a mistaken path must not fill the memory. */
async function startOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Of one length, whatever the text. */
function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
