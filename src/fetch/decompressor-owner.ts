import type { FetchFault } from "./fetch-fault.ts";

/** Takes compressed bytes of one body and hands out text. Calls to its owner may come within the call that caused them. */
export interface Decompressor {
  /** `false`: full, wait for `onDrain` before the next write. The bytes are the caller's again after the call. */
  write(bytes: Uint8Array): boolean;
  /** No more bytes come; `onEnd` or `onFault` follows. */
  end(): void;
  /** No `onBytes` after `pause` until `resume`. */
  pause(): void;
  resume(): void;
  /** Frees everything; no call to the owner follows. */
  destroy(): void;
}

export interface DecompressorOwner {
  /** Valid during the call only. */
  onBytes(bytes: Uint8Array): void;
  onDrain(): void;
  onEnd(): void;
  onFault(fault: FetchFault): void;
}
