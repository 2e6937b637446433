import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** Ends with us: the channel closes. */
const BURN = `
  process.on("disconnect", () => process.exit());
  function burn() {
    const end = Date.now() + 100;
    while (Date.now() < end);
    setImmediate(burn);
  }
  burn();
`;

/** Processes that keep every core busy, for the runs that ask what an agent does then. */
export class Burners {
  readonly #children: ChildProcess[] = [];

  start(): void {
    for (let core = 0; core < availableParallelism(); core++) {
      this.#children.push(
        spawn(process.execPath, ["-e", BURN], { stdio: ["ignore", "ignore", "ignore", "ipc"] }),
      );
    }
  }

  stop(): void {
    for (const child of this.#children.splice(0)) {
      child.kill("SIGKILL");
    }
  }
}
