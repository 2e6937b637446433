import { kind } from "./kernel-memory.ts";
import type { ReplayKernel } from "./replay-kernel.ts";

/** Where the fields lie that TypeScript reads of a record, as in records.as. */
export const field = {
  next: 8,
  kind: 22,
  extra: 23,
  infoAfter: 28,
  familyBytes: 28,
  family: 30,
  textBytes: 32,
  seriesKeyBytes: 44,
} as const;

/** Records by name: the kernel's memory seen from outside. A record is an address, 0 is none. */
export class KernelRecords {
  readonly #kernel: ReplayKernel;

  constructor(kernel: ReplayKernel) {
    this.#kernel = kernel;
  }

  /**
   * The line that followed this one on the last page. A table is asked for the first line of its
   * page.
   */
  next(record: number): number {
    return this.#wordAt(record + field.next);
  }

  /** The page ends with this line. */
  setLast(record: number): void {
    this.#kernel.words[(record + field.next) >> 2] = 0;
  }

  /** Of a TYPE line: the code of the type. */
  typeCode(record: number): number {
    return this.#kernel.byteAt(record + field.extra);
  }

  /** Of a TYPE line: UTF-8, a view on the kernel's memory. */
  family(record: number): Uint8Array {
    const start = record + field.family;
    return this.#kernel.bytes.subarray(start, start + this.#shortAt(record + field.familyBytes));
  }

  /** Of an info sample: the info state that follows it, 0: none yet. */
  infoAfter(record: number): number {
    return this.#wordAt(record + field.infoAfter);
  }

  setInfoAfter(record: number, state: number): void {
    this.#kernel.words[(record + field.infoAfter) >> 2] = state;
  }

  /** Of a half: which one it is. */
  isSum(record: number): boolean {
    return this.#kernel.byteAt(record + field.kind) === kind.sum;
  }

  /** Of a half: bytes of its text, which is series key, blank, field and `=`. */
  textBytes(record: number): number {
    return this.#shortAt(record + field.textBytes);
  }

  /** Of a half. */
  seriesKeyBytes(record: number): number {
    return this.#shortAt(record + field.seriesKeyBytes);
  }

  #wordAt(address: number): number {
    return this.#kernel.words[address >> 2] as number;
  }

  #shortAt(address: number): number {
    return this.#kernel.byteAt(address) | (this.#kernel.byteAt(address + 1) << 8);
  }
}
