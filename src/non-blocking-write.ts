import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** Writes what fits now and gives how many bytes that was. Throws, with the code `EAGAIN` where nothing fits. */
export type WriteNow = (bytes: Uint8Array) => number;

/**
 * A way to write to standard output (1) or error (2) that does not wait for the reader, be it a pipe, a FIFO or a terminal. Files
 * are written as always.
 *
 * Whether a descriptor waits belongs to whoever shares it, and Node makes a terminal's wait. So pipes and terminals are opened once
 * more. Where that is not permitted, as for the pipe of another user, the descriptor is used as it is: `process.stdout` and
 * `process.stderr`, once touched, have made that of a pipe one that does not wait.
 */
export function nonBlockingWrite(descriptor: 1 | 2): WriteNow {
  const target = openedAgain(descriptor) ?? descriptor;
  return (bytes) => writeSync(target, bytes);
}

function openedAgain(descriptor: number): number | undefined {
  try {
    const kind = fstatSync(descriptor);
    if (!kind.isFIFO() && !kind.isCharacterDevice()) {
      return undefined;
    }
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}
