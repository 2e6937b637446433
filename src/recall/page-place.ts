import { word } from "../replay/kernel-memory.ts";
import { KernelRecords } from "../replay/kernel-records.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";

/** How far a page has come in the kernel, kept here while the kernel works on another page. */
export class PagePlace {
  /** Of the line that comes next, from 1. */
  lineNumber = 1;
  /** Lines met that the table knows or has learned. */
  seen = 0;
  readonly #context: Uint32Array;
  readonly #records: KernelRecords;
  #predicted = 0;
  #previous = 0;
  #info = 0;

  constructor(kernel: ReplayKernel) {
    this.#context = kernel.context;
    this.#records = new KernelRecords(kernel);
  }

  /** A page begins. `table`: 0 if there is none. */
  begin(table: number): void {
    this.lineNumber = 1;
    this.seen = 0;
    this.#info = 0;
    // A table begins like a record: the first line of the page follows it.
    this.#previous = table;
    this.#predicted = table === 0 ? 0 : this.#records.next(table);
  }

  /** The kernel takes up this page again. */
  load(): void {
    this.#context[word.predicted] = this.#predicted;
    this.#context[word.previous] = this.#previous;
    this.#context[word.info] = this.#info;
  }

  /** The kernel may go on to another page. */
  store(): void {
    const context = this.#context;
    this.#predicted = context[word.predicted] as number;
    this.#previous = context[word.previous] as number;
    this.#info = context[word.info] as number;
    this.seen += context[word.seen] as number;
    context[word.seen] = 0;
  }

  /** The page is over: the line met last is the last of the page. */
  end(): void {
    this.#records.setLast(this.#previous);
  }
}
