import type { Clock } from "../../../clock.ts";
import { HOUR, KIB, SECOND } from "../../../units.ts";
import type { ApiAccess } from "../api/api-access.ts";
import { BodyText, callApi } from "../api/api-client.ts";
import type { ApiFault } from "../api/api-fault.ts";
import type { Refusal } from "./refusal.ts";

export interface RefusalEventsOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  readonly trouble: (fault: ApiFault) => void;
}

/** Bounds of what waits; the newest is left out when it is full. */
const MAX_WAITING = 100;
const MAX_REMEMBERED = 2000;
/** Events vanish after an hour: then the same one is worth saying again. */
const REPEAT_MS = HOUR;
/** A slow trickle: a namespace full of bad annotations must not make the API server work. */
const PACE_MS = SECOND / 5;
const MAX_MESSAGE = 1000;
const TIMEOUTS = { connectMs: 5 * SECOND, headMs: 10 * SECOND, silenceMs: 10 * SECOND };

/** Tells owners of pods what is refused, by Events on their pods: `kubectl describe pod` shows them. */
export class RefusalEvents {
  readonly #options: RefusalEventsOptions;
  readonly #waiting: Refusal[] = [];
  readonly #told = new Map<string, number>();
  readonly #stopping = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  #wake = new AbortController();

  constructor(options: RefusalEventsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sending = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#sending;
  }

  tell(refusal: Refusal): void {
    const key = [refusal.uid, refusal.rule, refusal.key].join(" ");
    const nowMs = this.#options.clock.monotonic();
    const toldMs = this.#told.get(key);
    if (toldMs !== undefined && nowMs - toldMs < REPEAT_MS) {
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return;
    }
    this.#told.delete(key);
    this.#told.set(key, nowMs);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_REMEMBERED && oldest !== undefined) {
      this.#told.delete(oldest);
    }
    this.#waiting.push(refusal);
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock, trouble } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const refusal = this.#waiting.shift();
      if (refusal === undefined) {
        this.#wake = new AbortController();
        await clock.sleep(HOUR, this.#wake.signal);
        continue;
      }
      const fault = await this.#post(refusal, signal);
      if (fault !== undefined && !signal.aborted) {
        trouble(fault);
      }
      await clock.sleep(PACE_MS, signal);
    }
  }

  async #post(refusal: Refusal, signal: AbortSignal): Promise<ApiFault | undefined> {
    const answer = new BodyText(64 * KIB);
    const end = await callApi(
      this.#options.access,
      {
        method: "POST",
        path: `/api/v1/namespaces/${refusal.namespace}/events`,
        body: JSON.stringify(eventOf(refusal, new Date(this.#options.clock.now()))),
        timeouts: TIMEOUTS,
        onBytes: (bytes) => answer.add(bytes),
      },
      signal,
    );
    return end.kind === "fault" ? end : undefined;
  }
}

function eventOf(refusal: Refusal, now: Date) {
  const { namespace, pod, uid, key, valueClass, rule, detail, line } = refusal;
  const where = line === undefined ? key : `${key} (line ${line})`;
  const message = `promline does not do what ${where} asks for: ${valueClass}, rule ${rule}. ${detail}`;
  const time = now.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace, generateName: `${pod.slice(0, 200)}.` },
    involvedObject: { apiVersion: "v1", kind: "Pod", namespace, name: pod, uid },
    type: "Warning",
    reason: "PromlineRefused",
    message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message,
    source: { component: "promline" },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
