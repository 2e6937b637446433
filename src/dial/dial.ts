import type { Socket } from "node:net";
import { knownAddresses } from "./known-addresses.ts";
import { NameError, type Names } from "./names.ts";

/** Told once, by `connected` or by `failed`. */
export interface DialOwner {
  /** The first socket that is connected; the other attempts are over. Its errors are the owner's from now on. */
  connected(socket: Socket): void;
  failed(error: Error): void;
  /** After a dial that gave no socket: all of its sockets are closed. */
  closed?(): void;
}

/** Nothing was connected (TLS handshake included) within the time for it. */
class ConnectTimeoutError extends Error {
  readonly code = "CONNECT_TIMEOUT";
}

/** RFC 8305, 5: "Connection Attempt Delay". */
const ATTEMPT_DELAY_MS = 250;
/** More addresses of one name are not tried. */
const MAX_ATTEMPTS = 16;

/**
 * One connection to a host: its addresses are looked up and tried one after the other, a quarter of a second apart or as soon as one
 * fails, and the first that is connected wins (RFC 8305). No attempt is given up before the time is over, since the first SYN may be
 * lost; then the others are closed. `open` starts one attempt.
 */
export class Dial {
  readonly #host: string;
  readonly #timeoutMs: number;
  readonly #names: Names;
  readonly #open: (address: string) => Socket;
  readonly #owner: DialOwner;
  /** Sockets that are not closed, and of those the ones that have neither failed nor won. */
  readonly #attempts = new Set<Socket>();
  readonly #running = new Set<Socket>();
  readonly #errors: Error[] = [];
  #addresses: readonly string[] = [];
  #tried = 0;
  #timer: NodeJS.Timeout | undefined;
  #stagger: NodeJS.Timeout | undefined;
  #winner: Socket | undefined;
  #resolving = false;
  #lookedUp = false;
  #over = false;
  #closedTold = false;

  constructor(
    host: string,
    timeoutMs: number,
    names: Names,
    open: (address: string) => Socket,
    owner: DialOwner,
  ) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#names = names;
    this.#open = open;
    this.#owner = owner;
  }

  /** Its host's name has no address yet. */
  get resolving(): boolean {
    return this.#resolving;
  }

  /** Throws what `open` throws where the address is known. */
  start(): void {
    const known = knownAddresses(this.#host);
    if (known === undefined) {
      this.#resolving = true;
      void this.#lookUp();
    } else {
      this.#addresses = known;
      this.#tryNext();
    }
    this.#timer = setTimeout(() => this.#timeUp(), this.#timeoutMs);
  }

  /** The owner is done with the socket's start, such as a handshake: the time limit is no longer for it. */
  settled(): void {
    clearTimeout(this.#timer);
  }

  /** Closes everything; the owner hears of nothing more but `closed`. */
  destroy(): void {
    this.#end();
    this.#winner?.destroy();
    if (this.#attempts.size === 0) {
      this.#closed();
    }
  }

  async #lookUp(): Promise<void> {
    const answer = await this.#names.lookup(this.#host);
    this.#resolving = false;
    if (this.#over) {
      return;
    }
    if (answer.kind === "fault") {
      this.#fail(new NameError(answer.code, answer.detail));
      return;
    }
    this.#lookedUp = true;
    this.#addresses = answer.addresses.slice(0, MAX_ATTEMPTS);
    try {
      this.#tryNext();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #tryNext(): void {
    clearTimeout(this.#stagger);
    const address = this.#addresses[this.#tried];
    if (address === undefined) {
      return;
    }
    this.#tried++;
    const socket = this.#open(address);
    this.#attempts.add(socket);
    this.#running.add(socket);
    // Stays for the life of the socket: an error after the end of the race must not end the thread.
    socket.on("error", (error) => this.#attemptFailed(socket, error));
    socket.once("connect", () => this.#attemptWon(socket, address));
    socket.once("close", () => this.#attemptClosed(socket));
    if (this.#tried < this.#addresses.length) {
      this.#stagger = setTimeout(() => this.#tryNext(), ATTEMPT_DELAY_MS);
    }
  }

  #attemptWon(socket: Socket, address: string): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#winner = socket;
    clearTimeout(this.#stagger);
    this.#attempts.delete(socket);
    for (const other of this.#attempts) {
      other.destroy();
    }
    if (this.#lookedUp && address !== this.#addresses[0]) {
      this.#names.worked(this.#host, address);
    }
    this.#owner.connected(socket);
  }

  #attemptFailed(socket: Socket, error: Error): void {
    if (!this.#running.delete(socket) || this.#over) {
      return;
    }
    this.#errors.push(error);
    if (this.#tried < this.#addresses.length) {
      this.#tryNext();
    } else if (this.#running.size === 0) {
      this.#unreachable();
      this.#fail(joined(this.#errors));
    }
  }

  #attemptClosed(socket: Socket): void {
    this.#attemptFailed(socket, new Error("the socket was closed while it connected"));
    this.#attempts.delete(socket);
    if (this.#attempts.size === 0 && this.#over) {
      this.#closed();
    }
  }

  #timeUp(): void {
    if (this.#winner !== undefined) {
      this.#winner.destroy(new ConnectTimeoutError(`no handshake within ${this.#timeoutMs} ms`));
    } else if (this.#resolving) {
      const why = `the address of ${this.#host} is unknown after ${this.#timeoutMs} ms`;
      this.#fail(new NameError("EAI_AGAIN", why));
    } else {
      this.#unreachable();
      this.#fail(new ConnectTimeoutError(`no connection within ${this.#timeoutMs} ms`));
    }
  }

  #fail(error: Error): void {
    if (this.#over) {
      return;
    }
    this.#end();
    this.#owner.failed(error);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#stagger);
    for (const socket of this.#attempts) {
      socket.destroy();
    }
  }

  #unreachable(): void {
    if (this.#lookedUp) {
      this.#names.failed(this.#host);
    }
  }

  #closed(): void {
    if (this.#winner === undefined && !this.#closedTold) {
      this.#closedTold = true;
      this.#owner.closed?.();
    }
  }
}

/** Of a family that leads nowhere from here: says less than what came of the other. */
const NO_ROUTE: ReadonlySet<unknown> = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"]);

/** All errors in one, with the code of the one that says most. */
function joined(errors: readonly Error[]): Error {
  const telling = errors.find((error) => !NO_ROUTE.has(Reflect.get(error, "code"))) ?? errors[0];
  if (errors.length === 1 && telling !== undefined) {
    return telling;
  }
  const code: unknown = telling === undefined ? undefined : Reflect.get(telling, "code");
  return Object.assign(new AggregateError(errors, ""), { code });
}
