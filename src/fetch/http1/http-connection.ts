import type { OnReadOpts, Socket } from "node:net";
import type { Dial } from "../../dial/dial.ts";
import type { Names } from "../../dial/names.ts";
import { KIB } from "../../units.ts";
import { classifyError, closedByPeer, type FetchFault, fault } from "../fetch-fault.ts";
import { AnswerReader, type AnswerReceiver, type AnswerStep } from "./answer-reader.ts";
import { dialEndpoint, type Endpoint } from "./connector.ts";

/** Whom an answer is for. Calls are in order; after `onEnd` or `onFault` none follows. */
export interface AnswerOwner extends AnswerReceiver {
  /** `keepMs`: for so long the target keeps the connection, and nothing is left on the wire; 0: it is closed. */
  onEnd(keepMs: number): void;
  /** `unanswered`: not a byte of the answer has come. */
  onFault(fault: FetchFault, unanswered: boolean): void;
}

/** Asked of a socket at once. */
const READ_BYTES = 128 * KIB;

/**
 * All sockets of the thread read into it, and whoever gets bytes is done with them or has copied them when the call ends. Node makes a
 * buffer for each read otherwise; on 50 pages of 2 MB every 5 s V8's own threads, which collect those, took 29 % of the CPU.
 */
let room: Buffer | undefined;

/** One connection to one endpoint, lent to one exchange at a time: a slow page never delays another of its origin. */
export class HttpConnection {
  readonly key: string;
  readonly endpoint: Endpoint;
  /** It has carried a whole answer before, so the peer may have closed it meanwhile. */
  used = false;
  connectTimeoutMs = 0;
  /** While it is idle: when it is to be closed (`performance.now()`). */
  idleUntilMs = 0;
  /** When it is too old for another request (`performance.now()`). */
  oldAtMs = Number.POSITIVE_INFINITY;
  readonly #names: Names;
  readonly #onClosed: (connection: HttpConnection) => void;
  readonly #reader: AnswerReader;
  /** From the first request on until there is a socket that can carry it. */
  #dial: Dial | undefined;
  #socket: Socket | undefined;
  #open = false;
  #paused = false;
  #destroyed = false;
  #request = "";
  #owner: AnswerOwner | undefined;
  #activeMs = Number.POSITIVE_INFINITY;

  /** `onClosed` is called when its socket is closed, whoever closed it. */
  constructor(
    key: string,
    endpoint: Endpoint,
    names: Names,
    onClosed: (connection: HttpConnection) => void,
  ) {
    this.key = key;
    this.endpoint = endpoint;
    this.#names = names;
    this.#onClosed = onClosed;
    this.#reader = new AnswerReader(endpoint.headerBytes);
  }

  /** Its socket has been open: for TLS, the handshake was over. */
  get opened(): boolean {
    return this.#open;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** It has a socket that is not closed, or tries to get one. */
  get hasSocket(): boolean {
    return this.#socket !== undefined || this.#dial !== undefined;
  }

  /** The host's name has no address yet. */
  get resolving(): boolean {
    return this.#dial?.resolving === true;
  }

  /** When the request went out, and from the body on when bytes last came (`performance.now()`); infinite before. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** Sends the text of a request, one byte a character, once the socket is open. `owner` is told what becomes of it. */
  send(request: string, owner: AnswerOwner): void {
    this.#owner = owner;
    this.#activeMs = Number.POSITIVE_INFINITY;
    this.#reader.begin();
    if (this.#open) {
      this.#socket?.ref();
      this.#write(request);
      return;
    }
    this.#request = request;
    try {
      this.#connect();
    } catch (error) {
      // Such as a path that no unix socket can have.
      this.#fail(classifyError(error, "connecting"));
    }
  }

  /** No answer is waited for, and the thread is not held for it. */
  rest(idleUntilMs: number): void {
    this.idleUntilMs = idleUntilMs;
    this.#socket?.unref();
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#paused) {
      this.#paused = false;
      this.#activeMs = performance.now();
      this.#socket?.resume();
    }
  }

  /** Cuts whatever is going on, a connection attempt included; the owner is told nothing more. */
  destroy(): void {
    this.#destroyed = true;
    this.#owner = undefined;
    this.#socket?.destroy();
    this.#dial?.destroy();
  }

  #connect(): void {
    const { endpoint, connectTimeoutMs } = this;
    const dial = dialEndpoint(endpoint, this.#onread(), connectTimeoutMs, this.#names, {
      connected: (socket) => this.#connected(dial, socket),
      failed: (error) => this.#fail(classifyError(error, "connecting")),
      closed: () => this.#gone(),
    });
    dial.start();
    this.#dial = dial;
  }

  #connected(dial: Dial, socket: Socket): void {
    this.#socket = socket;
    this.oldAtMs = performance.now() + this.endpoint.maxAgeMs;
    const opened = (): void => {
      dial.settled();
      this.#dial = undefined;
      this.#open = true;
      this.#write(this.#request);
      this.#request = "";
    };
    // Stays for the life of the socket: an error while nobody waits must not end the thread.
    socket.on("error", (error) => this.#fail(classifyError(error, this.#phase)));
    socket.on("end", () => {
      // Within a handshake it is an error as well, which says more.
      if (this.#open) {
        this.#step(this.#reader.close());
      }
    });
    socket.on("close", () => {
      const phase = this.#phase;
      const early = fault("connect_failed", "the socket was closed while it connected");
      this.#fail(phase === "connecting" ? early : closedByPeer(phase));
      dial.settled();
      this.#gone();
    });
    if (this.endpoint.identity === undefined) {
      opened();
    } else {
      socket.once("secureConnect", opened);
    }
  }

  #gone(): void {
    this.#socket = undefined;
    this.#dial = undefined;
    this.#onClosed(this);
  }

  get #phase(): "connecting" | "waiting" | "body" {
    if (!this.#open) {
      return "connecting";
    }
    return this.#reader.inBody ? "body" : "waiting";
  }

  #onread(): OnReadOpts {
    room ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const buffer = room;
    return { buffer, callback: (length) => this.#read(buffer, length) };
  }

  #write(request: string): void {
    this.#activeMs = performance.now();
    this.#socket?.write(request, "latin1");
  }

  #read(bytes: Buffer, length: number): boolean {
    const owner = this.#owner;
    if (owner === undefined) {
      // Nobody asked. What follows would be taken for the answer to the next request.
      this.destroy();
      return true;
    }
    const step = this.#reader.take(bytes, length, owner);
    if (this.#reader.inBody) {
      this.#activeMs = performance.now();
    }
    if (step !== "more" && this.#owner === owner) {
      this.#step(step);
    }
    return true;
  }

  #step(step: AnswerStep): void {
    const owner = this.#owner;
    if (step === "more" || owner === undefined) {
      this.destroy();
      return;
    }
    if (step !== "ended") {
      this.#fail(step);
      return;
    }
    this.#owner = undefined;
    const { keepMs } = this.#reader;
    if (keepMs > 0) {
      // It must be seen to close, even where the owner still chews on what it got.
      this.resume();
    } else {
      this.destroy();
    }
    owner.onEnd(keepMs);
  }

  #fail(trouble: FetchFault): void {
    const owner = this.#owner;
    this.destroy();
    owner?.onFault(trouble, !this.#reader.answered);
  }
}
