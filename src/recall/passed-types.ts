import { TYPES, word } from "../replay/kernel-memory.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";

/** Records of the `# TYPE` lines that the kernel passed and the cold path has not heard of. */
export class PassedTypes {
  /** Declarations of the page so far, the cold path's own included. */
  declarations = 0;
  readonly #kernel: ReplayKernel;
  #records: number[] = [];

  constructor(kernel: ReplayKernel) {
    this.#kernel = kernel;
  }

  begin(): void {
    this.declarations = 0;
    this.#records = [];
  }

  /** Moves them out of the kernel's memory. */
  collect(): void {
    const { context, words } = this.#kernel;
    const count = context[word.typesCount] as number;
    if (count === 0) {
      return;
    }
    const first = TYPES >> 2;
    for (let at = first; at < first + count; at++) {
      this.#records.push(words[at] as number);
    }
    this.declarations += count;
    context[word.typesCount] = 0;
  }

  /** There are some to take. Asked for each line of the cold path. */
  get waiting(): boolean {
    this.collect();
    return this.#records.length > 0;
  }

  /** All of them, in the order of the page; they are not given out again. */
  take(): readonly number[] {
    const taken = this.#records;
    this.#records = [];
    return taken;
  }
}
