import type { Clock } from "../../clock.ts";
import { redactUrl } from "../../redact.ts";
import { DAY, SECOND } from "../../units.ts";
import type { DatawaySettings } from "../delivery-settings.ts";
import { HttpConnections } from "../send/http-connections.ts";
import { exchange } from "../send/http-exchange.ts";
import { lowerCaseNames } from "../send/http-sender.ts";
import { faultText, type NetworkFault, networkFault } from "../send/network-fault.ts";
import { redactedExcerpt, secretsOfRequests } from "../send/redacted-excerpt.ts";
import { datawayClockRequest, userAgent } from "../send/write-request.ts";

/** A clock further off than this is nobody's: certificates, leases and tokens would have failed before. */
const LARGEST_OFFSET = DAY;
/** An answer that was longer under way does not say when it was given. */
const LONGEST_ROUND = 5 * SECOND;
const LONGEST_REQUEST = 10 * SECOND;

/**
 * What a DataWay's clock was found to be. `absurd`: more than a day from ours. `slow`: the answer took too long to say much.
 * `no_time`: there is none in the answer. `tls_files`: one cannot be read.
 */
export type ClockReading =
  /** Milliseconds that its clock is ahead of ours, good to half a second and half the time of the request. */
  | { readonly kind: "read"; readonly offsetMs: number }
  | { readonly kind: "unread"; readonly reason: ClockFailure; readonly detail: string };

export type ClockFailure =
  | NetworkFault
  | "timeout"
  | "tls_files"
  | "http_status"
  | "no_time"
  | "absurd"
  | "slow";

export interface DatawayClockParts {
  readonly settings: DatawaySettings;
  readonly hostName: string;
  readonly clock: Clock;
  /** The settings as they are now, asked for after credentials were refused. Undefined: unknown. Never rejects. */
  readonly renewed?: () => Promise<DatawaySettings | undefined>;
}

/** Asks one DataWay for its time: `GET /v1/ntp`, `{"timestamp_sec":N}` (specification, 5.7). */
export class DatawayClock {
  readonly address: string;
  readonly #parts: DatawayClockParts;
  readonly #connections: HttpConnections;
  #settings: DatawaySettings;
  #refused = false;

  constructor(parts: DatawayClockParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#connections = new HttpConnections(
      { ...parts.settings.http, concurrency: 1 },
      parts.settings.url,
      parts.clock,
    );
    this.address = redactUrl(parts.settings.url);
  }

  /** Never rejects. Ends soon after `signal` aborts, with anything. */
  async read(signal: AbortSignal): Promise<ClockReading> {
    const { renewed } = this.#parts;
    if (this.#refused) {
      this.#settings = (await renewed?.()) ?? this.#settings;
    }
    return this.#ask(signal);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #ask(signal: AbortSignal): Promise<ClockReading> {
    const { clock, hostName } = this.#parts;
    const timeoutMs = Math.min(LONGEST_REQUEST, this.#settings.http.timeoutMs);
    const { headers, ...place } = datawayClockRequest(this.#settings);
    const connected = await this.#connections.dispatcher().catch((error: unknown) => error);
    if (!isDispatcher(connected)) {
      return this.#unread("tls_files", faultText(connected));
    }
    const own = lowerCaseNames(this.#settings.http.headers);
    const started = clock.monotonic();
    const end = await exchange(
      connected,
      {
        ...place,
        method: "GET",
        headers: { ...headers, "user-agent": userAgent(hostName), ...own },
      },
      { clock, timeoutMs, signal },
    );
    if (end.kind !== "answer") {
      return end.kind === "timeout"
        ? unread("timeout", `no answer within ${timeoutMs} ms`)
        : this.#unread(networkFault(end.error), faultText(end.error));
    }
    const { status, text, statusAtMs } = end;
    const roundMs = statusAtMs - started;
    const answeredMs = clock.now() - (clock.monotonic() - statusAtMs) - roundMs / 2;
    this.#refused = status === 401 || status === 403;
    if (status < 200 || status > 299) {
      return this.#unread("http_status", `${status} ${text}`);
    }
    return this.#judge(text, answeredMs, roundMs);
  }

  #judge(text: string, answeredMs: number, roundMs: number): ClockReading {
    const seconds = timestampOf(text);
    if (seconds === undefined) {
      return this.#unread("no_time", text);
    }
    if (roundMs > LONGEST_ROUND) {
      return unread("slow", `the answer took ${Math.round(roundMs)} ms`);
    }
    // Whole seconds, cut off: on average it is half a second later.
    const offsetMs = seconds * SECOND + SECOND / 2 - answeredMs;
    return Math.abs(offsetMs) > LARGEST_OFFSET
      ? unread("absurd", `it says ${seconds}, more than a day from the clock of this node`)
      : { kind: "read", offsetMs };
  }

  #unread(reason: ClockFailure, text: string): ClockReading {
    const { url, http } = this.#settings;
    return unread(reason, redactedExcerpt(text, secretsOfRequests(url, http)));
  }
}

function unread(reason: ClockFailure, detail: string): ClockReading {
  return { kind: "unread", reason, detail };
}

function isDispatcher(value: unknown): value is Awaited<ReturnType<HttpConnections["dispatcher"]>> {
  return typeof value === "object" && value !== null && "dispatch" in value;
}

function timestampOf(text: string): number | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const seconds =
      typeof answer === "object" && answer !== null
        ? Reflect.get(answer, "timestamp_sec")
        : undefined;
    return Number.isSafeInteger(seconds) ? (seconds as number) : undefined;
  } catch {
    return undefined;
  }
}
