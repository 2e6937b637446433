import type { Clock } from "../../clock.ts";
import { MINUTE } from "../../units.ts";
import type { Log } from "./log.ts";

type Severity = "info" | "warn" | "error";

export interface ThrottleSettings {
  /** Milliseconds between two messages of one key. */
  readonly everyMs: number;
  /** Keys remembered at once; what comes beyond shares one key. */
  readonly maxKeys: number;
}

interface Repeat {
  readonly severity: Severity;
  readonly message: string;
  saidAtMs: number;
  suppressed: number;
}

const OVERFLOW = "other messages";

/**
 * Says a message at most once a minute for each key, and with the next one how many were held back. Bounded: with more keys in
 * a minute than `maxKeys`, further ones share a single minute.
 */
export class ThrottledLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #settings: ThrottleSettings;
  readonly #repeats = new Map<string, Repeat>();

  constructor(
    log: Log,
    clock: Clock,
    settings: ThrottleSettings = { everyMs: MINUTE, maxKeys: 1000 },
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** `key` tells what repeats: the message with what it is about, say `scrape failed <target> <reason>`. */
  say(severity: Severity, key: string, message: string, fields: object = {}): void {
    const nowMs = this.#clock.monotonic();
    const known = this.#repeats.get(key);
    if (known !== undefined) {
      this.#again(known, nowMs, severity, message, fields);
      return;
    }
    this.#forgetOld(nowMs);
    if (this.#repeats.size < this.#settings.maxKeys || key === OVERFLOW) {
      this.#repeats.set(key, { severity, message, saidAtMs: nowMs, suppressed: 0 });
      this.#log[severity](fields, message);
    } else {
      this.say("warn", OVERFLOW, "too many different messages, some are not shown");
    }
  }

  /** Tells what was held back and not told since: at the end, or where a report is due. */
  flush(): void {
    for (const repeat of this.#repeats.values()) {
      this.#tell(repeat);
    }
    this.#repeats.clear();
  }

  #again(repeat: Repeat, nowMs: number, severity: Severity, message: string, fields: object): void {
    if (nowMs - repeat.saidAtMs < this.#settings.everyMs) {
      repeat.suppressed += 1;
      return;
    }
    const { suppressed } = repeat;
    this.#log[severity](suppressed === 0 ? fields : { ...fields, suppressed }, message);
    repeat.saidAtMs = nowMs;
    repeat.suppressed = 0;
  }

  #forgetOld(nowMs: number): void {
    if (this.#repeats.size < this.#settings.maxKeys) {
      return;
    }
    for (const [key, repeat] of this.#repeats) {
      if (nowMs - repeat.saidAtMs >= this.#settings.everyMs) {
        this.#tell(repeat);
        this.#repeats.delete(key);
      }
    }
  }

  #tell({ severity, message, suppressed }: Repeat): void {
    if (suppressed > 0) {
      this.#log[severity]({ suppressed }, message);
    }
  }
}
