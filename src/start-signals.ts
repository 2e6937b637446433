type SignalName = "SIGHUP" | "SIGINT" | "SIGTERM";

const NAMES: readonly SignalName[] = ["SIGHUP", "SIGINT", "SIGTERM"];

/**
 * Signals from the first moment on. Without a listener SIGHUP ends a process, and most of the start runs before there is an agent
 * that could obey: what comes until then is kept, with its time.
 */
export class StartSignals {
  #held: { readonly name: SignalName; readonly atMs: number }[] = [];
  #obey: ((name: SignalName, atMs: number) => void) | undefined;

  /** `source` tells of signals: the process, or a test. */
  constructor(source: Pick<NodeJS.Process, "on"> = process) {
    for (const name of NAMES) {
      source.on(name, () => this.receive(name, performance.now()));
    }
  }

  receive(name: SignalName, atMs: number): void {
    if (this.#obey === undefined) {
      this.#held.push({ name, atMs });
    } else {
      this.#obey(name, atMs);
    }
  }

  /** From now on `obey` is told of each signal, of those that were kept at once. */
  obeyWith(obey: (name: SignalName, atMs: number) => void): void {
    this.#obey = obey;
    for (const { name, atMs } of this.#held.splice(0)) {
      obey(name, atMs);
    }
  }
}
