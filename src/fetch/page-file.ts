import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { PageSink } from "../page-sink.ts";
import type { ScrapeLimits } from "../scrape-limits.ts";
import { KIB } from "../units.ts";
import { FetchDeadline } from "./fetch-deadline.ts";
import { type FetchFault, fault } from "./fetch-fault.ts";
import type { FetchOutcome } from "./fetch-outcome.ts";
import { type ByteTally, type PageEnd, PageGate } from "./page-gate.ts";

const CHUNK_BYTES = 64 * KIB;

/** A page has no status where nothing answered. */
const NO_STATUS = 0;

/**
 * A local file as a page: no content type, the limits of body and total time, `status` 0. Only a regular file: a FIFO or a
 * device could give bytes for ever or never. Rejects only with what the sink threw.
 */
export async function readPageFile(
  path: string,
  limits: ScrapeLimits,
  sink: PageSink,
  signal: AbortSignal,
): Promise<FetchOutcome> {
  const tally: ByteTally = { wireBytes: 0, bodyBytes: 0 };
  const deadline = new FetchDeadline(limits.totalTimeoutMs, signal);
  const reading = readOpened(path, limits, sink, deadline, tally);
  try {
    const end = await Promise.race([reading, deadline.passed]);
    return end === "complete"
      ? { kind: "ok", status: NO_STATUS, ...tally }
      : { kind: "failed", reason: end.reason, detail: end.detail, ...tally };
  } finally {
    deadline.stop();
  }
}

async function readOpened(
  path: string,
  limits: ScrapeLimits,
  sink: PageSink,
  deadline: FetchDeadline,
  tally: ByteTally,
): Promise<PageEnd> {
  const file = await openRegular(path);
  if ("kind" in file) {
    return file;
  }
  try {
    if (deadline.over) {
      return await deadline.passed;
    }
    sink.start(undefined);
    return await pump(file, limits, sink, deadline, tally);
  } catch (error) {
    if (isSystemError(error)) {
      return fault("file", error.message);
    }
    throw error;
  } finally {
    await file.close();
  }
}

async function openRegular(path: string): Promise<FileHandle | FetchFault> {
  try {
    // Without O_NONBLOCK opening a FIFO waits for a writer, for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (stats.isFile()) {
      return file;
    }
    await file.close();
    return fault("file", `${path}: not a regular file`);
  } catch (error) {
    return fault("file", error instanceof Error ? error.message : String(error));
  }
}

/** Reads into one buffer, which the sink has given back when its call returns. */
async function pump(
  file: FileHandle,
  limits: ScrapeLimits,
  sink: PageSink,
  deadline: FetchDeadline,
  tally: ByteTally,
): Promise<PageEnd> {
  const ended = Promise.withResolvers<PageEnd>();
  let end: PageEnd | undefined;
  let paused = Promise.withResolvers<void>();
  const gate = new PageGate(
    sink,
    limits,
    tally,
    {
      pause: () => {
        paused = Promise.withResolvers<void>();
      },
      resume: () => paused.resolve(),
    },
    (how) => {
      end = how;
      ended.resolve(how);
    },
  );
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  while (end === undefined && !deadline.over) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    if (deadline.over) {
      break;
    }
    tally.wireBytes += bytesRead;
    if (bytesRead === 0) {
      gate.end();
      break;
    }
    gate.push(buffer.subarray(0, bytesRead));
    if (gate.paused) {
      await Promise.race([paused.promise, deadline.passed]);
    }
  }
  const last = await Promise.race([ended.promise, deadline.passed]);
  gate.close();
  return last;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
