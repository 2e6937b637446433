import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { KIB } from "../../src/units.ts";

const PROGRAM = new URL("./thread-echo.ts", import.meta.url);

/** A payload's way to another thread and back, transferred. */
export class ThreadCrossing {
  readonly #worker = new Worker(PROGRAM);
  #payload = new Uint8Array(64 * KIB);

  get bytes(): number {
    return this.#payload.length;
  }

  async run(): Promise<void> {
    const echoed = once(this.#worker, "message");
    this.#worker.postMessage(this.#payload, [this.#payload.buffer]);
    [this.#payload] = (await echoed) as [Uint8Array<ArrayBuffer>];
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
