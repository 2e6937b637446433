import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "../../clock.ts";
import { redactUrl } from "../../redact.ts";
import { MINUTE } from "../../units.ts";
import type { Body } from "../body/body.ts";
import { inflateExactly } from "../body/body-splitter.ts";
import type { HttpSettings } from "../delivery-settings.ts";
import { HttpConnections, TlsFilesError } from "./http-connections.ts";
import { exchange, type HttpAnswer, type HttpDispatcher, type HttpEnd } from "./http-exchange.ts";
import { faultText, type NetworkFault, networkFault } from "./network-fault.ts";
import { redactedExcerpt, secretForms } from "./redacted-excerpt.ts";
import { retryAfter } from "./retry-after.ts";
import type { Sender, SendOutcome } from "./sender.ts";
import type { Answer, Verdict } from "./verdict.ts";
import type { WriteRequest } from "./write-request.ts";

const deflate = promisify(gzip);
/** A token in a file counts within this. */
const RENEW_MS = MINUTE;

export interface HttpKind {
  readonly settings: HttpSettings;
  readonly url: string;
  /** Of every request, after its own: names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** What must not be shown of an answer that echoes the request. */
  readonly secrets: readonly string[];
  /** Line protocol as what is sent in its place; undefined: it is none. */
  readonly encode?: (lines: Uint8Array) => Uint8Array | undefined;
  request(body: Body, again: boolean): WriteRequest;
  verdict(answer: Answer): Verdict;
}

/** One POST for each body; redirects are answers like any other. */
export class HttpSender implements Sender {
  readonly address: string;
  readonly concurrency: number;
  readonly #renewed: () => Promise<HttpKind | undefined>;
  #kind: HttpKind;
  /** The credentials were refused: there may be others by now. */
  #refused = false;
  #renewAtMs: number;
  /** Secrets of the settings that were read last. */
  #given: string;
  readonly #clock: Clock;
  readonly #connections: HttpConnections;

  /** `renewed` is asked after credentials were refused, and once a minute: they may change while the old ones still count. */
  constructor(
    kind: HttpKind,
    clock: Clock,
    renewed: () => Promise<HttpKind | undefined> = async () => undefined,
  ) {
    this.#renewed = renewed;
    this.#kind = kind;
    this.#clock = clock;
    this.#renewAtMs = clock.monotonic() + RENEW_MS;
    this.#given = kind.secrets.join("\n");
    this.#connections = new HttpConnections(kind.settings, kind.url, clock);
    this.address = redactUrl(kind.url);
    this.concurrency = kind.settings.concurrency;
  }

  async send(body: Body, signal: AbortSignal, again = false): Promise<SendOutcome> {
    if (this.#refused || this.#clock.monotonic() >= this.#renewAtMs) {
      await this.#renew();
    }
    const content = await this.#content(body);
    if (content === undefined) {
      const verdict = { kind: "dropped", reason: "corrupt" } as const;
      return { verdict, wireBytes: 0, detail: "" };
    }
    let dispatcher: HttpDispatcher;
    try {
      dispatcher = await this.#connections.dispatcher();
    } catch (error) {
      const reason = error instanceof TlsFilesError ? "tls_files" : "network";
      const verdict = { kind: "retry", reason, pace: "normal" } as const;
      return { verdict, wireBytes: 0, detail: this.#show(faultText(error)) };
    }
    return this.#post(dispatcher, this.#kind.request(body, again), content, signal);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** Connections stay as they are: what is new is what each request says. */
  async #renew(): Promise<void> {
    this.#renewAtMs = this.#clock.monotonic() + RENEW_MS;
    const kind = await this.#renewed();
    const given = kind?.secrets.join("\n") ?? this.#given;
    if (kind !== undefined && given !== this.#given) {
      this.#given = given;
      const secrets = secretForms([...kind.secrets, ...this.#kind.secrets]);
      this.#kind = { ...kind, secrets };
    }
    this.#refused = false;
  }

  async #content(body: Body): Promise<Uint8Array | undefined> {
    const { encode, settings } = this.#kind;
    if (settings.gzip && encode === undefined) {
      return body.gzip;
    }
    const inflated = await inflateExactly(body.gzip, body.tally.bytes);
    const lines = inflated.kind === "text" ? inflated.text : undefined;
    const content = lines && encode !== undefined ? encode(lines) : lines;
    return content && settings.gzip ? deflate(content, { level: 1 }) : content;
  }

  async #post(
    dispatcher: HttpDispatcher,
    { origin, path, headers }: WriteRequest,
    content: Uint8Array,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const { timeoutMs } = this.#kind.settings;
    const request = {
      origin,
      path,
      method: "POST",
      headers: { ...headers, ...this.#kind.headers },
      body: content,
    };
    const end = await exchange(dispatcher, request, { clock: this.#clock, timeoutMs, signal });
    return end.kind === "answer"
      ? this.#answered(end, content.byteLength)
      : this.#noAnswer(end, content.byteLength);
  }

  #answered(end: HttpAnswer, wireBytes: number): SendOutcome {
    const { status, influxError } = end;
    const text = end.text === "" ? (influxError ?? "") : end.text;
    const wait = retryAfter(end.retryAfter, this.#clock.now());
    const answer = {
      status,
      text,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(influxError === undefined ? {} : { influxError }),
    };
    const verdict = this.#kind.verdict(answer);
    this.#refused ||= verdict.kind === "retry" && verdict.reason === "credentials";
    const isWell = verdict.kind === "accepted" && verdict.rejectedPoints === 0;
    return { verdict, wireBytes, status, detail: isWell ? "" : this.#show(text) };
  }

  #noAnswer(end: Exclude<HttpEnd, HttpAnswer>, wireBytes: number): SendOutcome {
    const timedOut = end.kind === "timeout";
    const reason = timedOut ? "timeout" : networkFault(end.error);
    const text = timedOut
      ? `no answer within ${this.#kind.settings.timeoutMs} ms`
      : `${faultText(end.error)}${this.#hint(reason)}`;
    const verdict = { kind: "retry", reason, pace: "normal" } as const;
    return { verdict, wireBytes, detail: this.#show(text) };
  }

  /** In TLS 1.3 our side of the handshake is over before the server has looked for our certificate. */
  #hint(reason: NetworkFault): string {
    const isSilent = reason === "connection_reset" && /^https:/i.test(this.#kind.url);
    return isSilent ? "; a server that misses or refuses a client certificate may say no more" : "";
  }

  #show(text: string): string {
    return redactedExcerpt(text, this.#kind.secrets);
  }
}

/** What every request says beside what it is about; the user's own come last, so that they count. */
export function commonHeaders(
  { gzip, headers: own = {} }: HttpSettings,
  userAgent: string,
): Record<string, string> {
  const encoding = gzip ? { "content-encoding": "gzip" } : {};
  return { ...encoding, "user-agent": userAgent, ...lowerCaseNames(own) };
}

/** Header names in lower case, as all of ours are, so that one of the user's replaces ours. */
export function lowerCaseNames(
  headers: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
