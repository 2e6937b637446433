import type { Socket } from "node:net";
import { MIB } from "../../units.ts";

export interface ConnectionLimits {
  /** Connections at once: enough for people and scrapers together, far below the descriptors a node gives. */
  readonly most: number;
  /** Of one remote address. */
  readonly mostPerAddress: number;
  /** Bytes of answers that wait for their readers, all together. */
  readonly answerBytes: number;
}

const defaultLimits: ConnectionLimits = {
  most: 64,
  mostPerAddress: 16,
  answerBytes: 32 * MIB,
};

interface Connection {
  readonly address: string;
  /** Bytes of the answer that is under way; 0: none is. */
  answerBytes: number;
}

/**
 * The open connections, those first that have waited longest since they came or since their last answer was made. Whoever comes
 * always gets in: in place of the longest waiting one of its address when that has its share, else of all. So a probe finds room
 * however many hang, and bytes that drip in or out count for nothing.
 */
export class ConnectionTable {
  readonly #limits: ConnectionLimits;
  readonly #connections = new Map<Socket, Connection>();

  #arrivals = 0;

  constructor(limits: ConnectionLimits = defaultLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Connections so far, those that are closed too. */
  get arrivals(): number {
    return this.#arrivals;
  }

  add(socket: Socket): void {
    this.#arrivals += 1;
    const address = socket.remoteAddress ?? "";
    const { most, mostPerAddress } = this.#limits;
    const own = [...this.#connections].filter(([, other]) => other.address === address);
    if (own.length >= mostPerAddress) {
      this.#close(own[0]?.[0]);
    } else if (this.#connections.size >= most) {
      this.#close(this.#connections.keys().next().value);
    }
    this.#connections.set(socket, { address, answerBytes: 0 });
    socket.once("close", () => this.#connections.delete(socket));
  }

  /** An answer of so many bytes is on its way; when all of them are too much, the older ones are cut off. */
  answering(socket: Socket, bytes: number): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) {
      return;
    }
    connection.answerBytes += bytes;
    this.#touch(socket, connection);
    let all = 0;
    for (const { answerBytes } of this.#connections.values()) {
      all += answerBytes;
    }
    for (const [other, { answerBytes }] of this.#connections) {
      if (all <= this.#limits.answerBytes || other === socket) {
        return;
      }
      if (answerBytes > 0) {
        all -= answerBytes;
        this.#close(other);
      }
    }
  }

  /** The answers of this connection are taken, or cut off. */
  answered(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection !== undefined) {
      connection.answerBytes = 0;
      this.#touch(socket, connection);
    }
  }

  #touch(socket: Socket, connection: Connection): void {
    this.#connections.delete(socket);
    this.#connections.set(socket, connection);
  }

  #close(socket: Socket | undefined): void {
    if (socket !== undefined) {
      this.#connections.delete(socket);
      socket.destroy();
    }
  }
}
