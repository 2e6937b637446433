import type { MessagePort } from "node:worker_threads";
import type { NameAnswer, Names } from "./names.ts";

/** What a lane says to the names of the main thread, and what it hears: one message each way for a new connection to a name. */
type ToNames =
  | { readonly kind: "lookup"; readonly id: number; readonly host: string }
  | { readonly kind: "worked"; readonly host: string; readonly address: string }
  | { readonly kind: "failed"; readonly host: string };

interface FromNames {
  readonly id: number;
  readonly answer: NameAnswer;
}

/** Answers what is asked on `port` until it is closed. */
export function serveNames(port: MessagePort, names: Names): void {
  port.on("message", (asked: ToNames) => {
    switch (asked.kind) {
      case "lookup":
        void names.lookup(asked.host).then((answer) => {
          // On a port that was closed meanwhile this does nothing.
          port.postMessage({ id: asked.id, answer } satisfies FromNames);
        });
        return;
      case "worked":
        names.worked(asked.host, asked.address);
        return;
      case "failed":
        names.failed(asked.host);
        return;
    }
  });
  port.unref();
}

/** Names that another thread looks up. */
export class RemoteNames implements Names {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (answer: NameAnswer) => void>();
  #lastId = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", ({ id, answer }: FromNames) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    port.unref();
  }

  lookup(host: string): Promise<NameAnswer> {
    const { promise, resolve } = Promise.withResolvers<NameAnswer>();
    const id = ++this.#lastId;
    this.#waiting.set(id, resolve);
    this.#say({ kind: "lookup", id, host });
    return promise;
  }

  worked(host: string, address: string): void {
    this.#say({ kind: "worked", host, address });
  }

  failed(host: string): void {
    this.#say({ kind: "failed", host });
  }

  #say(message: ToNames): void {
    this.#port.postMessage(message);
  }
}
