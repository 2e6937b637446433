import type { Dispatcher } from "undici";
import { KIB } from "../../../units.ts";
import { type ApiFault, apiFault, connectionFault, statusFault } from "./api-fault.ts";

/** How an answer ended: it was read to its end, or not. */
export type ApiEnd = { readonly kind: "ok" } | ApiFault;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const MAX_STATUS_BYTES = 64 * KIB;

/** One request to the API server and its answer, as undici's handler. */
export class ApiExchange implements Dispatcher.DispatchHandler {
  readonly #onBytes: (bytes: Buffer) => ApiFault | undefined;
  readonly #end = Promise.withResolvers<ApiEnd>();
  #status = 0;
  #retryAfter: string | undefined;
  #message = "";
  #settled = false;

  /** `onBytes` gets the body of an answer 200, chunk by chunk, each valid during the call; a fault it gives ends all. */
  constructor(onBytes: (bytes: Buffer) => ApiFault | undefined) {
    this.#onBytes = onBytes;
  }

  get end(): Promise<ApiEnd> {
    return this.#end.promise;
  }

  cut(reason: ApiFault): void {
    this.#settle(reason);
  }

  onRequestStart(): void {
    // The head of the answer comes next.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers) {
    const retryAfter = headers["retry-after"];
    this.#status = status;
    this.#retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#settled) {
      return;
    }
    if (!isSuccess(this.#status)) {
      this.#message += bytes.toString("latin1");
      if (this.#message.length > MAX_STATUS_BYTES) {
        this.#settle(statusFault(this.#status, "", this.#retryAfter));
      }
      return;
    }
    try {
      const fault = this.#onBytes(bytes);
      if (fault !== undefined) {
        this.#settle(fault);
      }
    } catch (error) {
      this.#settled = true;
      this.#end.reject(error);
    }
  }

  onResponseEnd(): void {
    this.#settle(
      isSuccess(this.#status)
        ? { kind: "ok" }
        : statusFault(this.#status, messageOf(this.#message), this.#retryAfter),
    );
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#settle(connectionFault(error));
  }

  #settle(end: ApiEnd): void {
    if (!this.#settled) {
      this.#settled = true;
      this.#end.resolve(end);
    }
  }
}

/** The message of a Status object; of any other body nothing, it may be a proxy's page. */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    const message =
      typeof status === "object" && status !== null ? Reflect.get(status, "message") : "";
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

/** The answer to a stop: nobody waits for the rest. */
export function abortedFault(): ApiFault {
  return apiFault("aborted", "the agent stops");
}

function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}
