import makeConnector from "undici/lib/core/connect.js";
import Client from "undici/lib/dispatcher/client.js";
import type { Names } from "../../../dial/names.ts";
import { systemNames } from "../../../dial/system-names.ts";
import { UndiciDialer } from "../../../dial/undici-dialer.ts";
import type { TlsConnectionOptions } from "../../../tls/connection-options.ts";
import { SECOND } from "../../../units.ts";
import { VERSION } from "../../../version.ts";
import type { ApiAccess } from "./api-access.ts";
import { type ApiCredentials, readCredentials } from "./api-credentials.ts";
import { type ApiEnd, ApiExchange, abortedFault } from "./api-exchange.ts";
import { type ApiFault, apiFault } from "./api-fault.ts";
import { apiTls } from "./api-tls.ts";

export interface ApiTimeouts {
  /** Milliseconds for connecting, TLS included. */
  readonly connectMs: number;
  /** Until the head of an answer. */
  readonly headMs: number;
  /** Without a byte, within the body. */
  readonly silenceMs: number;
}

export interface ApiCall {
  readonly method: "GET" | "POST";
  /** Below the server's address, query included. */
  readonly path: string;
  /** JSON, for POST. */
  readonly body?: string;
  readonly timeouts: ApiTimeouts;
  /** Gets the body chunk by chunk, each valid during the call; a fault ends the request. */
  readonly onBytes: (bytes: Buffer) => ApiFault | undefined;
}

/** The kernel asks a silent peer whether it is still there; a dead one is noticed by that or by `silenceMs`. */
const KEEP_ALIVE_MS = 15 * SECOND;
const NO_LIMIT = -1;

/**
 * One request over a connection of its own, made with credentials and authorities read just now: requests are few (a list,
 * then one watch that lasts minutes), and so every rotation counts from the next request on. Never rejects but with
 * what `onBytes` threw.
 */
export async function callApi(
  access: ApiAccess,
  call: ApiCall,
  signal: AbortSignal,
  names: Names = systemNames,
): Promise<ApiEnd> {
  const credentials = await readCredentials(access);
  if ("kind" in credentials) {
    return credentials;
  }
  const isTls = access.server.protocol === "https:";
  const tls = isTls ? await apiTls(access, credentials) : undefined;
  if (tls !== undefined && "kind" in tls) {
    return tls;
  }
  if (signal.aborted) {
    return abortedFault();
  }
  const dialer = dialerOf(tls, call.timeouts, names);
  const client = new Client(access.server.origin, {
    connect: dialer.connect,
    allowH2: false,
    pipelining: 1,
    maxResponseSize: NO_LIMIT,
  });
  const exchange = new ApiExchange(call.onBytes);
  const abort = () => exchange.cut(abortedFault());
  signal.addEventListener("abort", abort, { once: true });
  try {
    client.dispatch(
      {
        method: call.method,
        path: `${access.server.pathname.replace(/\/$/, "")}${call.path}`,
        headers: headersOf(credentials, call),
        body: call.body ?? null,
        headersTimeout: call.timeouts.connectMs + call.timeouts.headMs,
        bodyTimeout: call.timeouts.silenceMs,
      },
      exchange,
    );
    return await exchange.end;
  } finally {
    signal.removeEventListener("abort", abort);
    dialer.close();
    await client.destroy();
  }
}

function dialerOf(
  tls: TlsConnectionOptions | undefined,
  { connectMs }: ApiTimeouts,
  names: Names,
): UndiciDialer {
  const socket = { names, timeoutMs: connectMs, keepAliveDelayMs: KEEP_ALIVE_MS };
  return new UndiciDialer({ ...socket, tls: tls ?? {}, allowH2: false }, makeConnector);
}

function headersOf({ token }: ApiCredentials, call: ApiCall): string[] {
  return [
    ...["Accept", "application/json"],
    ...["User-Agent", `promline/${VERSION}`],
    ...(token === undefined ? [] : ["Authorization", `Bearer ${token}`]),
    ...(call.body === undefined ? [] : ["Content-Type", "application/json"]),
  ];
}

/** Gathers a body up to `maxBytes`. */
export class BodyText {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Buffer): ApiFault | undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      return apiFault("protocol", `the answer is longer than ${this.#maxBytes} bytes`);
    }
    // The chunk is a view on memory of the socket.
    this.#chunks.push(Buffer.from(bytes));
    return undefined;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
