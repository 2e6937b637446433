import type { Clock } from "../../../clock.ts";
import type { PodLimits, UsageBounds } from "../../../config/settings/kubernetes-settings.ts";
import { MINUTE } from "../../../units.ts";
import { refusalOf } from "./pod-claims.ts";
import type { PodTarget } from "./pod-targets.ts";
import { objection, type Refusal, type RefusalRule } from "./refusal.ts";

/** What one scrape came to, in the same units as the bounds. */
export type Usage = UsageBounds;

/** How long a target pauses that went beyond a bound; then it may show that it has become smaller. */
const PAUSE_MS = 5 * MINUTE;

interface Paused {
  readonly untilMs: number;
  readonly refusal: Refusal;
}

/** Holds back targets of pods that, with those beside them in the pod or the namespace, come to more than they may. */
export class UsageLimits {
  readonly #limits: PodLimits;
  readonly #clock: Clock;
  readonly #targets = new Map<string, PodTarget>();
  readonly #usage = new Map<string, Usage>();
  readonly #paused = new Map<string, Paused>();

  constructor(limits: PodLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The targets that may run, and why the others may not. Forgets those that are not among `targets`. */
  apply(targets: readonly PodTarget[]): { targets: PodTarget[]; refusals: Refusal[] } {
    this.#targets.clear();
    for (const one of targets) {
      this.#targets.set(one.target.key, one);
    }
    this.#forget();
    const running = targets.filter(({ target }) => !this.#paused.has(target.key));
    return { targets: running, refusals: [...this.#paused.values()].map(({ refusal }) => refusal) };
  }

  /** A target was scraped. True: it went beyond a bound and pauses, so `apply` has news. */
  record(key: string, usage: Usage): boolean {
    const scraped = this.#targets.get(key);
    if (scraped === undefined) {
      return false;
    }
    this.#usage.set(key, usage);
    const { pod } = scraped;
    const ofPod = this.#sum((other) => other.pod.uid === pod.uid);
    const ofNamespace = this.#sum((other) => other.pod.namespace === pod.namespace);
    const broken =
      brokenBound(ofPod, this.#limits.perPod, "pod") ??
      brokenBound(ofNamespace, this.#limits.perNamespace, "namespace");
    if (broken === undefined) {
      return false;
    }
    const found = objection("inputs.prom.urls", broken.valueClass, broken.rule, broken.detail);
    const refusal = refusalOf(pod, found, scraped.target.position?.line);
    this.#usage.delete(key);
    this.#paused.set(key, { untilMs: this.#clock.monotonic() + PAUSE_MS, refusal });
    return true;
  }

  /** Milliseconds until a pause is over; undefined: nobody pauses. */
  nextEndMs(): number | undefined {
    const ends = [...this.#paused.values()].map(({ untilMs }) => untilMs);
    return ends.length === 0 ? undefined : Math.min(...ends) - this.#clock.monotonic();
  }

  #forget(): void {
    const nowMs = this.#clock.monotonic();
    for (const key of this.#usage.keys()) {
      if (!this.#targets.has(key)) {
        this.#usage.delete(key);
      }
    }
    for (const [key, { untilMs }] of this.#paused) {
      if (!this.#targets.has(key) || untilMs <= nowMs) {
        this.#paused.delete(key);
      }
    }
  }

  #sum(belongs: (target: PodTarget) => boolean): Usage {
    const sum = { samples: 0, series: 0, outputBytes: 0 };
    for (const [key, usage] of this.#usage) {
      const target = this.#targets.get(key);
      if (target !== undefined && belongs(target)) {
        sum.samples += usage.samples;
        sum.series += usage.series;
        sum.outputBytes += usage.outputBytes;
      }
    }
    return sum;
  }
}

const BOUNDS = [
  ["samples", "samples"],
  ["series", "series"],
  ["outputBytes", "output"],
] as const;

function brokenBound(usage: Usage, bounds: UsageBounds, of: "pod" | "namespace") {
  for (const [field, name] of BOUNDS) {
    if (usage[field] > bounds[field]) {
      const rule: RefusalRule = `${name}_per_${of}`;
      const unit = field === "outputBytes" ? "bytes of output" : name;
      const detail = `at most ${bounds[field]} ${unit} in the last scrapes of one ${of}'s targets; paused for five minutes`;
      return { rule, valueClass: `${usage[field]} ${unit}`, detail };
    }
  }
  return undefined;
}
