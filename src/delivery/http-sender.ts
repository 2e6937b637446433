import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import { redactUrl } from "../redact.ts";
import { answerText } from "./answer-text.ts";
import type { Body } from "./body.ts";
import { inflateExactly } from "./body-splitter.ts";
import type { HttpSettings } from "./delivery-settings.ts";
import { HttpConnections, type HttpDispatcher, hasTlsFiles } from "./http-connections.ts";
import { faultText, networkFault } from "./network-fault.ts";
import { redactedExcerpt, secretForms } from "./redacted-excerpt.ts";
import { RequestLimit } from "./request-limit.ts";
import { retryAfter } from "./retry-after.ts";
import type { Sender, SendOutcome } from "./sender.ts";
import type { Answer, Verdict } from "./verdict.ts";
import type { WriteRequest } from "./write-request.ts";

const deflate = promisify(gzip);

export interface HttpKind {
  readonly settings: HttpSettings;
  readonly url: string;
  readonly userAgent: string;
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
  readonly #clock: Clock;
  readonly #connections: HttpConnections;

  /** `renewed` is asked after credentials were refused. */
  constructor(
    kind: HttpKind,
    clock: Clock,
    renewed: () => Promise<HttpKind | undefined> = async () => undefined,
  ) {
    this.#renewed = renewed;
    this.#kind = kind;
    this.#clock = clock;
    this.#connections = new HttpConnections(kind.settings);
    this.address = redactUrl(kind.url);
    this.concurrency = kind.settings.concurrency;
  }

  async send(body: Body, signal: AbortSignal, again = false): Promise<SendOutcome> {
    if (this.#refused) {
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
      const verdict = { kind: "retry", reason: "tls_files", pace: "normal" } as const;
      return { verdict, wireBytes: 0, detail: this.#show(faultText(error)) };
    }
    return this.#post(dispatcher, this.#kind.request(body, again), content, signal);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  /** Connections stay as they are: what is new is what each request says. */
  async #renew(): Promise<void> {
    const kind = await this.#renewed();
    if (kind !== undefined) {
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
    request: WriteRequest,
    content: Uint8Array,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const limit = new RequestLimit(this.#clock, this.#kind.settings.timeoutMs, signal);
    try {
      const response = await dispatcher.request(this.#options(request, content, limit.signal));
      const text = await answerText(response.body);
      const wait = retryAfter(firstOf(response.headers["retry-after"]), this.#clock.now());
      const answer = {
        status: response.statusCode,
        text,
        ...(wait === undefined ? {} : { retryAfterMs: wait }),
      };
      const verdict = this.#kind.verdict(answer);
      this.#refused ||= verdict.kind === "retry" && verdict.reason === "credentials";
      const detail = this.#show(text);
      return { verdict, wireBytes: content.byteLength, status: answer.status, detail };
    } catch (error) {
      return this.#noAnswer(error, limit.timedOut, content.byteLength);
    } finally {
      limit.end();
    }
  }

  #options(
    { url, headers }: WriteRequest,
    content: Uint8Array,
    signal: AbortSignal,
  ): Dispatcher.RequestOptions {
    const { origin, pathname, search } = new URL(url);
    const { gzip, headers: own } = this.#kind.settings;
    const encoding = gzip ? { "content-encoding": "gzip" } : {};
    return {
      origin,
      path: pathname + search,
      method: "POST",
      headers: {
        ...headers,
        ...encoding,
        "user-agent": this.#kind.userAgent,
        ...lowerCaseNames(own),
      },
      body: content,
      signal,
    };
  }

  async #noAnswer(error: unknown, timedOut: boolean, wireBytes: number): Promise<SendOutcome> {
    const reason = timedOut ? "timeout" : networkFault(error);
    if (!timedOut && hasTlsFiles(this.#kind.settings.tls)) {
      await this.#connections.renew();
    }
    const text = timedOut
      ? `no answer within ${this.#kind.settings.timeoutMs} ms`
      : faultText(error);
    const verdict = { kind: "retry", reason, pace: "normal" } as const;
    return { verdict, wireBytes, detail: this.#show(text) };
  }

  #show(text: string): string {
    return redactedExcerpt(text, this.#kind.secrets);
  }
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Header names in lower case, as all of ours are, so that one of the user's replaces ours. */
export function lowerCaseNames(
  headers: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
