import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** Processes that keep every core busy, for the runs that ask what an agent does then. */
export class Burners {
  readonly #children: ChildProcess[] = [];

  start(): void {
    for (let core = 0; core < availableParallelism(); core++) {
      // It ends with us: a disconnected channel throws off its only listener, and the timer looks every second.
      const program =
        "process.on('disconnect', () => process.exit()); (function burn() { const end = Date.now() + 100; while (Date.now() < end); setImmediate(burn); })();";
      this.#children.push(
        spawn(process.execPath, ["-e", program], { stdio: ["ignore", "ignore", "ignore", "ipc"] }),
      );
    }
  }

  stop(): void {
    for (const child of this.#children.splice(0)) {
      child.kill("SIGKILL");
    }
  }
}
