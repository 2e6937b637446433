import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { Hopeless } from "./until.ts";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** The whole environment; the test's own PATH is added where it is missing. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

const KEPT_CHARACTERS = 64_000_000;

/**
 * A program started by a test. Its output is kept for failure messages. It is killed by its pid when the running test ends,
 * or with the test process, whichever comes first.
 */
export class Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly #name: string;
  readonly #process: ChildProcess;
  #stdout = "";
  #stderr = "";
  #exit: Exit | undefined;

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.#name = command;
    this.#process = spawn(command, args, {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"], ...(options.env ?? {}) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.pid = this.#process.pid ?? 0;
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout = keepEnd(this.#stdout + text);
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = keepEnd(this.#stderr + text);
    });
    // A program that exits without reading its input breaks the pipe; its exit code tells what happened.
    this.#process.stdin?.on("error", () => undefined).end(options.input ?? "");
    this.exited = new Promise((resolve) => {
      this.#process.once("error", (error) => {
        this.#stderr += String(error);
        this.#settle({ code: null, signal: null }, resolve);
      });
      // "close", not "exit": the output is whole by then.
      this.#process.once("close", (code, signal) => this.#settle({ code, signal }, resolve));
    });
    running.add(this);
    onTestFinished(async () => {
      await this.stop("SIGKILL");
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** How the program ended, undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The end of both outputs, for a failure message. */
  get report(): string {
    const end = this.#exit === undefined ? "running" : JSON.stringify(this.#exit);
    return `${this.#name} (${end})\n${this.#stdout.slice(-3000)}\n${this.#stderr.slice(-3000)}`;
  }

  /** Throws what a wait for this program gives up with. */
  throwIfEnded(): void {
    if (this.#exit !== undefined) {
      throw new Hopeless(`it has ended\n${this.report}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) {
      this.#process.kill(signal);
    }
  }

  /** Sends `signal` and waits for the end; after `timeoutMs` it is killed. */
  async stop(signal: NodeJS.Signals = "SIGTERM", timeoutMs = 10_000): Promise<Exit> {
    this.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), timeoutMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(exit: Exit, resolve: (exit: Exit) => void): void {
    this.#exit = exit;
    running.delete(this);
    resolve(exit);
  }
}

const running = new Set<Child>();

process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

function keepEnd(text: string): string {
  return text.length > 2 * KEPT_CHARACTERS ? text.slice(-KEPT_CHARACTERS) : text;
}
