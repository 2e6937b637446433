import type { OnReadOpts, Socket } from "node:net";
import { KIB } from "../units.ts";

/** Asked of a socket at once. */
const READ_BYTES = 128 * KIB;

let room: Buffer | undefined;

/**
 * How the bytes of one socket reach its reader. Node makes a buffer for each read; on 50 pages of 2 MB every 5 s collecting
 * those was half of all CPU. While `shared` is set, all sockets of the thread read into one buffer, and the reader is asked at once.
 */
export class SocketReads {
  /** The reader keeps no byte after it was called, and none that it was given before. */
  shared = false;
  #socket: Socket | undefined;

  /** For `net.connect`. */
  get options(): OnReadOpts {
    room ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return { buffer: room, callback: (length, bytes) => this.#take(bytes.subarray(0, length)) };
  }

  of(socket: Socket): void {
    this.#socket = socket;
  }

  /** False: no more for now, until the socket is read again. */
  #take(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (socket === undefined) {
      throw new Error("bytes of a socket that nobody has opened");
    }
    if (!this.shared || socket.readableLength > 0) {
      return socket.push(Uint8Array.from(bytes));
    }
    socket.push(bytes);
    // In the next tick, when the stream would say so, the buffer has other bytes.
    socket.emit("readable");
    if (socket.readableLength > 0) {
      const rest: Buffer | null = socket.read();
      if (rest !== null) {
        socket.unshift(Buffer.from(rest));
      }
    }
    return true;
  }
}
