import { type Clock, WAIT_OVER } from "../clock.ts";
import { HOUR, MINUTE, SECOND } from "../units.ts";
import type { DnsAnswer } from "./dns-answer.ts";
import type { NameAnswer, Names } from "./names.ts";

/** Whoever asks waits so long at most, counted from the start of the lookup. */
const LOOKUP_MS = 5 * SECOND;
/** An answer is used for its time to live, within these bounds. */
const LEAST_TTL_MS = 5 * SECOND;
const MOST_TTL_MS = 5 * MINUTE;
/** For so long beyond that it is used while nobody can say better (RFC 8767 suggests days; addresses of pods move on). */
const STALE_MS = HOUR;
/** Before it is used stale, a better one is waited for so long. */
const RENEWAL_MS = 200;
/** How long a name without an address is not asked for again (RFC 9520, 3.2 has 5 s for failures). */
const FAULT_MS = 5 * SECOND;

export interface NameCacheBounds {
  /** Names kept; those that were asked for longest ago go first. */
  readonly names: number;
  /** Lookups under way; beyond that nothing new is asked for. */
  readonly lookups: number;
}

const BOUNDS: NameCacheBounds = { names: 4096, lookups: 1024 };

interface Lookup {
  readonly startedMs: number;
  /** Resolves when there is a first answer, which is the entry's by then. */
  readonly answered: Promise<void>;
}

interface Entry {
  answer: NameAnswer;
  /** Until then it is as good as asked for just now. */
  freshUntilMs: number;
  staleUntilMs: number;
  /** The address that a connection was made to, where it was not the first. */
  worked: string | undefined;
  /** Under way until every question of it is settled. */
  lookup: Lookup | undefined;
}

/**
 * Answers of DNS, kept. There is one lookup under way for a name, whoever asks for it; a known answer is handed out at once and an
 * old one renewed meanwhile. What one name costs, another never waits for.
 */
export class NameCache implements Names {
  readonly #ask: (name: string) => Promise<DnsAnswer>;
  readonly #clock: Clock;
  readonly #bounds: NameCacheBounds;
  /** The one asked for last is at the end. */
  readonly #entries = new Map<string, Entry>();
  #lookups = 0;

  /** `ask` looks a name up, never rejects and ends by itself. */
  constructor(
    ask: (name: string) => Promise<DnsAnswer>,
    clock: Clock,
    bounds: NameCacheBounds = BOUNDS,
  ) {
    this.#ask = ask;
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  async lookup(name: string): Promise<NameAnswer> {
    const entry = this.#entryOf(name);
    const nowMs = this.#clock.monotonic();
    if (nowMs < entry.freshUntilMs) {
      return entry.answer;
    }
    const lookup = entry.lookup ?? this.#start(name, entry, nowMs);
    if (lookup === undefined) {
      return isUsable(entry, nowMs) ? entry.answer : fault(name, "too many lookups are under way");
    }
    const patienceMs = isUsable(entry, nowMs) ? RENEWAL_MS : LOOKUP_MS;
    await this.#wait(lookup, lookup.startedMs + patienceMs - nowMs);
    return entry.answer;
  }

  worked(name: string, address: string): void {
    const entry = this.#entries.get(name);
    if (entry?.answer.kind === "addresses") {
      entry.worked = address;
      entry.answer = { kind: "addresses", addresses: first(address, entry.answer.addresses) };
    }
  }

  failed(name: string): void {
    const entry = this.#entries.get(name);
    if (entry?.answer.kind === "addresses") {
      const soonMs = this.#clock.monotonic() + LEAST_TTL_MS;
      entry.freshUntilMs = Math.min(entry.freshUntilMs, soonMs);
    }
  }

  #entryOf(name: string): Entry {
    const known = this.#entries.get(name);
    const entry = known ?? {
      answer: fault(name, "it was not asked for"),
      freshUntilMs: Number.NEGATIVE_INFINITY,
      staleUntilMs: Number.NEGATIVE_INFINITY,
      worked: undefined,
      lookup: undefined,
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (known === undefined) {
      this.#trim();
    }
    return entry;
  }

  /** A lookup under way keeps its entry, so that it stays the only one. */
  #trim(): void {
    for (const [name, { lookup }] of this.#entries) {
      if (this.#entries.size <= this.#bounds.names) {
        return;
      }
      if (lookup === undefined) {
        this.#entries.delete(name);
      }
    }
  }

  #start(name: string, entry: Entry, nowMs: number): Lookup | undefined {
    if (this.#lookups >= this.#bounds.lookups) {
      return;
    }
    this.#lookups++;
    if (!isUsable(entry, nowMs)) {
      entry.answer = fault(name, "no name server has answered yet");
    }
    const asked = this.#ask(name);
    const answered = asked.then((answer) => this.#take(name, entry, answer));
    entry.lookup = { startedMs: nowMs, answered };
    void answered.then(async () => {
      const answer = await asked;
      if (answer.kind === "addresses" && answer.whole !== undefined) {
        const whole = await answer.whole;
        // The late half may have failed; then what there was is all.
        if (whole.kind === "addresses") {
          this.#take(name, entry, whole);
        }
      }
      entry.lookup = undefined;
      this.#lookups--;
    });
    return entry.lookup;
  }

  async #wait({ answered }: Lookup, ms: number): Promise<void> {
    if (ms > 0) {
      const over = new AbortController();
      await Promise.race([answered, this.#clock.sleep(ms, over.signal)]);
      over.abort(WAIT_OVER);
    }
  }

  #take(name: string, entry: Entry, answer: DnsAnswer): void {
    const nowMs = this.#clock.monotonic();
    if (answer.kind === "addresses") {
      const ttlMs = Math.min(Math.max(answer.ttlMs, LEAST_TTL_MS), MOST_TTL_MS);
      entry.answer = { kind: "addresses", addresses: first(entry.worked, answer.addresses) };
      entry.freshUntilMs = nowMs + ttlMs;
      entry.staleUntilMs = entry.freshUntilMs + STALE_MS;
      return;
    }
    entry.freshUntilMs = nowMs + FAULT_MS;
    if (answer.kind === "absent") {
      entry.answer = { kind: "fault", code: "ENOTFOUND", detail: `there is no host ${name}` };
      entry.staleUntilMs = Number.NEGATIVE_INFINITY;
    } else if (!isUsable(entry, nowMs)) {
      entry.answer = fault(name, answer.why);
    }
  }
}

function isUsable({ answer, staleUntilMs }: Entry, nowMs: number): boolean {
  return answer.kind === "addresses" && nowMs < staleUntilMs;
}

function fault(name: string, why: string): NameAnswer {
  return { kind: "fault", code: "EAI_AGAIN", detail: `the address of ${name} is unknown: ${why}` };
}

/** With `chosen` in front, where it is one of them. */
function first(chosen: string | undefined, addresses: readonly string[]): readonly string[] {
  return chosen === undefined || !addresses.includes(chosen)
    ? addresses
    : [chosen, ...addresses.filter((address) => address !== chosen)];
}
