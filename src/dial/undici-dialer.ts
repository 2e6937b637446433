import net from "node:net";
import type { buildConnector } from "undici";
import { Dial } from "./dial.ts";
import type { Names } from "./names.ts";

/** undici's `connect` where it is a function: opens the sockets of a client. */
export type Connector = buildConnector.connector;

/** undici's own connector, here for what comes after the TCP connection: TLS with its sessions and protocols. */
export type MakeConnector = (options: buildConnector.BuildOptions) => Connector;

export interface UndiciDialOptions {
  readonly names: Names;
  /** Name resolution, connecting and TLS handshake together. */
  readonly timeoutMs: number;
  readonly keepAliveDelayMs: number;
  readonly tls: buildConnector.BuildOptions;
  /** Whether HTTP/2 is offered; undici's default is that it is. */
  readonly allowH2?: boolean;
}

/** What undici reads of a plain socket at once (its lib/core/connect.js). */
const READ_BYTES = 64 * 1024;

/** Opens undici's connections by way of `Dial`, so that names and lost SYNs are dealt with as for targets. */
export class UndiciDialer {
  readonly connect: Connector;
  readonly #options: UndiciDialOptions;
  readonly #secure: Connector;
  /** What is being connected, and how it is told that it is called off. */
  readonly #dials = new Map<Dial, buildConnector.Callback>();

  constructor(options: UndiciDialOptions, makeConnector: MakeConnector) {
    this.#options = options;
    const { tls, timeoutMs: timeout, allowH2 = true } = options;
    // Keep-alive is that of the socket below.
    this.#secure = makeConnector({ ...tls, timeout, allowH2, keepAlive: false });
    this.connect = (place, callback) => this.#connect(place, callback);
  }

  /** Ends what is being connected. */
  close(): void {
    for (const [dial, end] of [...this.#dials]) {
      dial.destroy();
      end(new Error("the connection is not waited for"), null);
    }
  }

  #connect(place: buildConnector.Options, callback: buildConnector.Callback): void {
    if (place.httpSocket !== undefined) {
      // Within a proxy's tunnel there is nothing to dial.
      this.#secure(place, callback);
      return;
    }
    const { names, timeoutMs, keepAliveDelayMs } = this.#options;
    const secure = place.protocol === "https:";
    const port = place.port === "" ? (secure ? 443 : 80) : Number(place.port);
    const end: buildConnector.Callback = (...ended) => {
      dial.settled();
      if (this.#dials.delete(dial)) {
        callback(...ended);
      }
    };
    const tcp = {
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
      highWaterMark: READ_BYTES,
    };
    const open = (address: string): net.Socket => net.connect({ ...tcp, host: address, port });
    const host = place.hostname.replace(/^\[(.*)\]$/, "$1");
    const dial = new Dial(host, timeoutMs, names, open, {
      connected: (socket) => {
        if (secure) {
          this.#secure({ ...place, httpSocket: socket }, end);
        } else {
          end(null, socket);
        }
      },
      failed: (error) => end(error, null),
    });
    this.#dials.set(dial, end);
    dial.start();
  }
}
