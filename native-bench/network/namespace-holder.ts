import { type ChildProcess, spawn } from "node:child_process";
import type { Launcher } from "./network.ts";

const PROGRAM = "unshare";
const START_MS = 10_000;

/** A process that does nothing but keep a network namespace open. It ends with us: its standard input closes. */
export class NamespaceHolder {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Rejects where this machine has no `unshare` or does not allow it. */
  static start(): Promise<NamespaceHolder> {
    // A group of its own: Ctrl-C leaves it to us.
    const child = spawn(PROGRAM, ["--net", "cat"], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.stdin.on("error", () => undefined);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`${PROGRAM} does not answer`));
      }, START_MS);
      const fail = (why: string): void => {
        clearTimeout(timer);
        reject(new Error(why));
      };
      child.once("error", (error) => fail(error.message));
      child.once("close", () => fail(Buffer.concat(said).toString().trim() || `${PROGRAM} ended`));
      // It says what it hears, and by then it is in its namespace.
      child.stdout.once("data", () => {
        clearTimeout(timer);
        resolve(new NamespaceHolder(child));
      });
      child.stdin.write("\n");
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Replaces itself by the program: its process id is the program's. */
  get launcher(): Launcher {
    return ["nsenter", `--net=/proc/${this.pid}/ns/net`, "--"];
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}
