import { type AskedEncoding, askedEncoding } from "../../discovery/asked-encoding.ts";
import type { PodTarget } from "../../discovery/kubernetes/claims/pod-targets.ts";
import { type MergedTarget, mergeTargets } from "../../discovery/merge-targets.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import type { ScrapeTarget } from "../../scrape/scrape-target.ts";
import type { TargetDescription } from "../../telemetry/admin/targets-view.ts";
import type { ScheduledTarget } from "../schedule/scheduler.ts";
import type { TargetNames } from "../scrape-reporter.ts";
import { scrapeTargetOf, type TargetGlobals } from "./target-spec.ts";

/** Everything that shall be scraped, from conf.d and from pods, each URL once. */
export class TargetSources {
  readonly #globals: TargetGlobals;
  readonly #changed: () => void;
  readonly #onNode: (hostname: string) => boolean;
  /** A target that stays is the same object, so that lanes are not told it again. */
  readonly #specs = new WeakMap<DesiredTarget, Spec>();
  #declared: readonly DesiredTarget[] = [];
  #pods: readonly PodTarget[] = [];
  #merged = new Map<string, MergedTarget>();

  /** `changed` is called after each change of either. `onNode` tells whether a host is on this node, asked anew at each look. */
  constructor(globals: TargetGlobals, onNode: (hostname: string) => boolean, changed: () => void) {
    this.#globals = globals;
    this.#onNode = onNode;
    this.#changed = changed;
  }

  get size(): number {
    return this.#merged.size;
  }

  get podTargets(): number {
    return this.#pods.length;
  }

  setDeclared(targets: readonly DesiredTarget[]): void {
    this.#declared = targets;
    this.#merge();
  }

  setPods(targets: readonly PodTarget[]): void {
    this.#pods = targets;
    this.#merge();
  }

  scheduled(): ScheduledTarget[] {
    return [...this.#merged.values()].map(({ target }) => ({
      target: this.#specOf(target),
      intervalMs: target.input.intervalMs,
    }));
  }

  descriptions(laneOf: (key: string) => number): TargetDescription[] {
    return [...this.#merged.values()].map(({ target, claims }) => {
      const { key, input, file, position, upTags, discoveredLabels } = target;
      return {
        key,
        url: urlOf(target),
        source: input.source,
        file,
        ...(position === undefined ? {} : { line: position.line }),
        intervalMs: input.intervalMs,
        timeoutMs: input.timeoutMs,
        lane: laneOf(key),
        ...(target.address.kind === "http" && {
          encoding: askedEncoding(target, this.#onNode),
        }),
        labels: upTags ?? labelsOf(target),
        ...(discoveredLabels && { discoveredLabels }),
        claims,
      };
    });
  }

  /** Undefined: it is not desired any more. */
  namesOf(key: string): TargetNames | undefined {
    const target = this.#merged.get(key)?.target;
    return target === undefined ? undefined : { url: urlOf(target), source: target.input.source };
  }

  /** Key and interval of each. */
  intervals(): { key: string; intervalMs: number }[] {
    return [...this.#merged.values()].map(({ target: { key, input } }) => ({
      key,
      intervalMs: input.intervalMs,
    }));
  }

  #merge(): void {
    const merged = mergeTargets(this.#declared, this.#pods);
    this.#merged = new Map(merged.map((one) => [one.target.key, one]));
    this.#changed();
  }

  #specOf(target: DesiredTarget): ScrapeTarget {
    const encoding = askedEncoding(target, this.#onNode);
    const known = this.#specs.get(target);
    if (known?.encoding === encoding) {
      return known.spec;
    }
    const spec = scrapeTargetOf(target, this.#globals, encoding);
    this.#specs.set(target, { spec, encoding });
    return spec;
  }
}

interface Spec {
  readonly spec: ScrapeTarget;
  readonly encoding: AskedEncoding;
}

function urlOf({ address }: DesiredTarget): string {
  return address.kind === "http" ? address.url : address.path;
}

/** Of a target without `up` points: what its points carry. */
function labelsOf({ addedTags, overridingTags }: DesiredTarget): Record<string, string> {
  return { ...Object.fromEntries(addedTags), ...overridingTags };
}
