import type { LineCounts } from "../points/line-counts.ts";
import type { PayloadWriter } from "../points/payload-writer.ts";
import * as place from "../replay/kernel-memory.ts";
import { word } from "../replay/kernel-memory.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";

/**
 * Where the kernel writes the lines of a page. If the writer's buffer lies in the kernel's memory,
 * they go straight into it; otherwise they are copied there.
 */
export class KernelOutput {
  readonly #kernel: ReplayKernel;
  readonly #writer: PayloadWriter;
  /** Everything before this address is in the writer. */
  #start = place.OUTPUT;

  constructor(kernel: ReplayKernel, writer: PayloadWriter) {
    this.#kernel = kernel;
    this.#writer = writer;
  }

  /**
   * Tells the kernel where to write next and where the payload is full. True: it will overwrite its
   * earlier output, texts of lines included.
   */
  place(): boolean {
    const { bytes, context } = this.#kernel;
    const { lines, room } = this.#writer;
    const before = this.#start;
    let start = before;
    let limit = place.OUTPUT + place.OUTPUT_BYTES;
    if (lines.bytes.buffer === bytes.buffer) {
      start = lines.bytes.byteOffset + lines.length;
      limit = start + room;
    } else if (start > place.OUTPUT + place.OUTPUT_BYTES / 2) {
      start = place.OUTPUT;
    }
    this.#start = start;
    context[word.out] = start;
    context[word.outLimit] = Math.min(start + room, limit);
    return start < before;
  }

  /** Emits the payload if it is full. */
  cut(counts: LineCounts): void {
    this.#writer.cut(counts);
  }

  /** Hands what the kernel has written to the writer. */
  take(): void {
    const { bytes, context } = this.#kernel;
    const { lines } = this.#writer;
    const out = context[word.out] as number;
    if (out === this.#start) {
      return;
    }
    if (lines.bytes.buffer === bytes.buffer) {
      lines.length += out - this.#start;
    } else {
      lines.append(bytes.subarray(this.#start, out));
    }
    this.#start = out;
  }
}
