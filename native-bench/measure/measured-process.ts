import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../contenders/contender.ts";
import type { Launcher } from "../network/network.ts";

const STOP_MS = 15_000;
/** Of what it said, shown where it failed. */
const TAIL_CHARACTERS = 2000;

/** A contender's process. What it says goes to a file. */
export class MeasuredProcess {
  readonly output: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, output: string) {
    this.#child = child;
    this.output = output;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
  }

  /** Starts it in `dir` with nothing of our environment but the path. */
  static async start(
    command: Command,
    dir: string,
    { path, launcher }: { readonly path: string; readonly launcher: Launcher },
  ): Promise<MeasuredProcess> {
    const output = join(dir, "output.log");
    const file = await open(output, "w");
    try {
      const [program = command.file, ...args] = [...launcher, command.file, ...command.args];
      const child = spawn(program, args, {
        cwd: dir,
        env: { PATH: path, HOME: dir, ...command.env },
        stdio: ["ignore", file.fd, file.fd],
      });
      return new MeasuredProcess(child, output);
    } finally {
      await file.close();
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return (
      this.#child.pid !== undefined &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null
    );
  }

  async tail(): Promise<string> {
    return (await readFile(this.output, "utf8")).slice(-TAIL_CHARACTERS);
  }

  async stop(): Promise<void> {
    if (!this.running) {
      return;
    }
    this.#child.kill("SIGTERM");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(kill);
  }
}
