import { constants, createGzip, gzipSync } from "node:zlib";
import { KIB } from "../units.ts";

/** What zlib's streams are made of, and what `gzipSync` opens and closes each time. Not public: looked for, not relied on. */
interface GzipState {
  readonly _handle: {
    reset(): void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputStart: number,
      inputBytes: number,
      output: Uint8Array,
      outputStart: number,
      outputBytes: number,
    ): void;
  } | null;
  /** Bytes of output and of input that were not used. */
  readonly _writeState: Uint32Array;
}

/** A payload that compresses to more than this is compressed the ordinary way. */
const OUTPUT_BYTES = 192 * KIB;
const LEVEL = constants.Z_BEST_SPEED;

let state: GzipState | undefined;
let output: Uint8Array | undefined;

/**
 * One whole gzip member, level 1, in a buffer of its own. Keeps one compressor for the thread: opening one for each payload
 * is 20 % of the time of compressing 256 KiB (350 against 285 us).
 */
export function gzipMember(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  state ??= createGzip({ level: LEVEL }) as unknown as GzipState;
  output ??= new Uint8Array(OUTPUT_BYTES);
  const handle = state._handle;
  if (typeof handle?.writeSync === "function" && state._writeState instanceof Uint32Array) {
    handle.reset();
    handle.writeSync(constants.Z_FINISH, raw, 0, raw.length, output, 0, OUTPUT_BYTES);
    const [unused, unread] = state._writeState;
    if (unread === 0 && unused !== undefined && unused > 0) {
      return output.slice(0, OUTPUT_BYTES - unused) as Uint8Array<ArrayBuffer>;
    }
  }
  return new Uint8Array(gzipSync(raw, { level: LEVEL }));
}
