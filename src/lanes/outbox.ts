import type { MessagePort } from "node:worker_threads";
import { KIB } from "../units.ts";

/** What is held is lost with the thread, and who takes it is to have something to do meanwhile. */
const MAX_HELD_BYTES = 256 * KIB;

/**
 * Messages that leave one end of a lane together, as one array. One that wakes the other thread
 * costs each side more than the handling of what is in it, so what is said in one turn of the event
 * loop leaves when that turn ends.
 */
export class Outbox<Message> {
  readonly #port: Pick<MessagePort, "postMessage">;
  #messages: Message[] = [];
  #buffers: ArrayBuffer[] = [];
  #heldBytes = 0;
  #due = false;

  constructor(port: Pick<MessagePort, "postMessage">) {
    this.#port = port;
  }

  /** Leaves when this turn ends. */
  say(message: Message): void {
    this.#messages.push(message);
    if (this.#due) return;
    this.#due = true;
    setImmediate(this.#turnEnds);
  }

  /**
   * Leaves with the next message that is said, or as soon as 256 KiB are held. `buffer` goes over
   * with it, whole.
   */
  hold(message: Message, buffer: ArrayBuffer): void {
    this.#messages.push(message);
    this.#buffers.push(buffer);
    this.#heldBytes += buffer.byteLength;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.flush();
  }

  flush(): void {
    if (this.#messages.length === 0) return;
    this.#port.postMessage(this.#messages, this.#buffers);
    this.#messages = [];
    this.#buffers = [];
    this.#heldBytes = 0;
  }

  readonly #turnEnds = (): void => {
    this.#due = false;
    this.flush();
  };
}
