import type { LineCounts } from "../points/line-counts.ts";
import type { PayloadWriter } from "../points/payload-writer.ts";
import * as place from "../replay/kernel-memory.ts";
import { word } from "../replay/kernel-memory.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";

/**
 * Where the kernel writes the lines of a page: into the writer's own buffer if that lies in the kernel's memory, else beside it, from
 * where they are copied.
 */
export class KernelOutput {
  readonly #kernel: ReplayKernel;
  readonly #writer: PayloadWriter;
  /** Up to here the writer has what the kernel wrote. */
  #start = place.OUTPUT;

  constructor(kernel: ReplayKernel, writer: PayloadWriter) {
    this.#kernel = kernel;
    this.#writer = writer;
  }

  /** Has the kernel write behind what the writer holds, up to the next payload. True: over what it wrote before. */
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

  /** Ends the payload at hand if it is full. */
  cut(counts: LineCounts): void {
    this.#writer.cut(counts);
  }

  /** Gives the writer what the kernel has written. */
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
