import { type ChildProcess, fork } from "node:child_process";
import type { Launcher } from "../network/network.ts";
import type {
  ServerCount,
  ServerMessage,
  ServerOrder,
  ServerRequest,
  SinkCount,
  SinkOrder,
  TargetsCount,
  TargetsOrder,
} from "./server-messages.ts";

const PROGRAM = new URL("./server-process.ts", import.meta.url);
/** The largest pages take some ten seconds to lay out. */
const READY_MS = 120_000;
const ANSWER_MS = 30_000;

type CountOf<Order extends ServerOrder> = Order extends SinkOrder ? SinkCount : TargetsCount;

/** A server process of the benchmark, seen from the harness. */
export class ServerHandle<Order extends SinkOrder | TargetsOrder> {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start<Order extends SinkOrder | TargetsOrder>(
    order: Order,
    launcher: Launcher,
  ): Promise<ServerHandle<Order>> {
    const [execPath = process.execPath, ...execArgv] = [...launcher, process.execPath];
    const child = fork(PROGRAM, [JSON.stringify(order)], { stdio: "inherit", execPath, execArgv });
    try {
      const message = await answer(child, "ready", READY_MS);
      return new ServerHandle(child, message.kind === "ready" ? message.port : 0);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async count(): Promise<CountOf<Order>> {
    const answered = answer(this.#child, "count", ANSWER_MS);
    this.#say({ kind: "count" });
    const message = await answered;
    return (message as { readonly count: ServerCount }).count as CountOf<Order>;
  }

  pause(): void {
    this.#say({ kind: "pause" });
  }

  stop(): void {
    this.#child.disconnect();
  }

  #say(request: ServerRequest): void {
    this.#child.send(request);
  }
}

/** The next message of this kind. Rejects where the process ends or time runs out first. */
function answer(
  child: ChildProcess,
  kind: ServerMessage["kind"],
  withinMs: number,
): Promise<ServerMessage> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      settle();
    };
    const onMessage = (message: ServerMessage): void => {
      if (message.kind === kind) {
        finish(() => resolve(message));
      }
    };
    const onExit = (): void => {
      finish(() => reject(new Error("a server of the benchmark ended unexpectedly")));
    };
    const timer = setTimeout(() => {
      finish(() => reject(new Error("a server of the benchmark does not answer")));
    }, withinMs);
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
