import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import type { PageSink } from "../page-sink.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { fault } from "./fetch-fault.ts";
import type { FetchOutcome } from "./fetch-outcome.ts";
import type { PageFetcher } from "./page-fetcher.ts";
import type { PageSource } from "./page-request.ts";

type RawPage = Extract<PageSource, { kind: "raw" }>;

let temporaries = 0;

/**
 * `output` mode: writes the body of the URL to a file and makes no points. The file is replaced as a whole, by rename, when
 * the page is complete; a page over `maxFileBytes`, or a failed one, leaves the last one in place. Never rejects.
 */
export async function fetchRawPage(
  fetcher: PageFetcher,
  page: RawPage,
  limits: ScrapeLimits,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  const { output } = page;
  temporaries++;
  const temporary = `${output}.${process.pid}-${temporaries}.tmp`;
  let file: FileHandle;
  try {
    await refuseSpecialFile(output);
    file = await open(temporary, "wx", 0o644);
  } catch (error) {
    return unwritten(error);
  }
  try {
    const sink = new FileSink(file);
    const bodyBytes = Math.min(limits.bodyBytes, page.maxFileBytes);
    const outcome = await fetcher.fetch(page.request, { ...limits, bodyBytes }, sink, signal);
    await sink.written;
    await file.close();
    if (outcome.kind === "ok") {
      await rename(temporary, output);
    } else {
      await rm(temporary, { force: true });
    }
    return outcome;
  } catch (error) {
    await discard(file, temporary);
    return unwritten(error);
  }
}

/** Copies each chunk and writes it; asks for a pause until it is on its way to disk, so at most one is held. */
class FileSink implements PageSink {
  readonly #file: FileHandle;
  /** Rejects with the first error of the disk. */
  written: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  start(): void {
    // What is written does not depend on its type.
  }

  chunk(bytes: Uint8Array): undefined {
    const copy = Uint8Array.from(bytes);
    this.#busy = true;
    this.written = this.written
      .then(() => this.#file.writeFile(copy))
      .finally(() => {
        this.#busy = false;
      });
    // Its owner awaits it at the end; until then a failure must not count as unhandled.
    this.written.catch(() => undefined);
  }

  ready(): Promise<void> | undefined {
    return this.#busy ? this.written : undefined;
  }
}

/** A rename puts a file in the place of whatever is there, `/dev/stdout` included. */
async function refuseSpecialFile(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return;
    }
    throw error;
  });
  if (stats !== undefined && !stats.isFile() && !stats.isSymbolicLink()) {
    throw new Error(`${path}: not a regular file`);
  }
}

async function discard(file: FileHandle, temporary: string): Promise<void> {
  await file.close().catch(() => undefined);
  await rm(temporary, { force: true }).catch(() => undefined);
}

function unwritten(error: unknown): FetchOutcome {
  const { reason, detail } = fault("file", error instanceof Error ? error.message : String(error));
  return { kind: "failed", reason, detail, wireBytes: 0, bodyBytes: 0 };
}
