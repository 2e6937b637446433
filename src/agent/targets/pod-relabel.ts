import { podPlace, refusalOf } from "../../discovery/kubernetes/claims/pod-claims.ts";
import type { PodRules } from "../../discovery/kubernetes/claims/pod-rules.ts";
import type { PodTarget, PodTargets } from "../../discovery/kubernetes/claims/pod-targets.ts";
import { type Objection, objection } from "../../discovery/kubernetes/claims/refusal.ts";
import { metaOf, ruledTarget } from "../../discovery/kubernetes/claims/ruled-target.ts";
import { screenUrl } from "../../discovery/kubernetes/claims/screen-url.ts";
import type { PodPolicy } from "../../discovery/kubernetes/pod-policy.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import type { KnownAddress } from "../../discovery/target-address.ts";
import { md5Tail } from "../../md5-tail.ts";
import { labelsOfRuleText } from "../../rules/relabel/label-origin.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { labelsRead } from "../../rules/relabel/labels-read.ts";
import { RelabelProgram } from "../../rules/relabel/relabel-program.ts";
import { targetChange } from "./target-change.ts";
import { shownLabels, targetLabels } from "./target-labels.ts";
import type { DroppedTarget, TargetRules } from "./target-relabel.ts";

const KEY = "relabel_configs";

type Outcome =
  | { readonly kind: "kept"; readonly target: DesiredTarget }
  | { readonly kind: "dropped"; readonly dropped: DroppedTarget }
  | { readonly kind: "refused"; readonly objection: Objection };

/**
 * Takes targets of pods through the `relabel_configs` of `promline.toml`. These rules are trusted, what they are given is not:
 * a pod's labels, annotations and URL are its author's. So an address that rules made is screened as the pod's own was,
 * unless it is text of the rules alone.
 */
export class PodRelabel implements PodRules {
  readonly isRead?: (label: string) => boolean;
  readonly #rules: TargetRules;
  readonly #program: RelabelProgram | undefined;
  /** By what was found: a target that stays is the same object, so that it keeps its place in its lane. */
  readonly #outcomes = new WeakMap<DesiredTarget, Outcome>();
  #found: readonly PodTarget[] = [];
  #dropped: readonly DroppedTarget[] = [];

  constructor(rules: TargetRules) {
    this.#rules = rules;
    if (rules.targetRelabel.rules.length > 0) {
      this.isRead = labelsRead(rules.targetRelabel);
      this.#program = new RelabelProgram(rules.targetRelabel, md5Tail);
    }
  }

  /** Those of the last `apply`. */
  get dropped(): readonly DroppedTarget[] {
    return this.#dropped;
  }

  /** What went into the last `apply`, with its labels. */
  found(): readonly DesiredTarget[] {
    return this.#found.map(withMeta);
  }

  /** `policy` has to be the same each time. */
  apply(found: readonly PodTarget[], policy: PodPolicy): PodTargets {
    this.#found = found;
    const program = this.#program;
    if (program === undefined) {
      return { targets: found, refusals: [] };
    }
    const outcomes = found.map((one) => ({ ...one, outcome: this.#outcome(one, program, policy) }));
    this.#dropped = outcomes.flatMap(({ outcome }) =>
      outcome.kind === "dropped" ? [outcome.dropped] : [],
    );
    return {
      targets: outcomes.flatMap(({ pod, outcome }) =>
        outcome.kind === "kept" ? [{ pod, target: outcome.target }] : [],
      ),
      refusals: outcomes.flatMap(({ pod, target, outcome }) =>
        outcome.kind === "refused"
          ? [refusalOf(pod, outcome.objection, target.position?.line)]
          : [],
      ),
    };
  }

  #outcome(one: PodTarget, program: RelabelProgram, policy: PodPolicy): Outcome {
    const known = this.#outcomes.get(one.target);
    const outcome = known ?? this.#relabel(one, program, policy);
    this.#outcomes.set(one.target, outcome);
    return outcome;
  }

  #relabel(one: PodTarget, program: RelabelProgram, policy: PodPolicy): Outcome {
    const target = withMeta(one);
    const before = targetLabels(target);
    const discoveredLabels = shownLabels(before);
    const after = program.apply(before);
    if (after === undefined) {
      return { kind: "dropped", dropped: { source: target.input.source, discoveredLabels } };
    }
    const { protectMode } = this.#rules;
    const bounds = { protectMode, leastMs: policy.limits.intervalMs };
    const change = targetChange(target, before, after, bounds);
    if ("trouble" in change) {
      const found = objection(KEY, "labels", "invalid", `rules of the agent ${change.trouble}`);
      return { kind: "refused", objection: found };
    }
    const found = isMoved(one, change.address)
      ? screen(one, change.address.url, operatorsAddress(program, before), policy)
      : undefined;
    if (found !== undefined) {
      return { kind: "refused", objection: found };
    }
    const ruled = ruledTarget(one, change, policy.upPoints);
    return { kind: "kept", target: { ...ruled, discoveredLabels } };
  }
}

function withMeta(one: PodTarget): DesiredTarget {
  return { ...one.target, meta: metaOf(one) ?? {} };
}

type HttpAddress = Extract<KnownAddress, { readonly kind: "http" }>;

/** A file, which there is without the sandbox only, stays where it is. */
function isMoved({ target: { address: from } }: PodTarget, to: KnownAddress): to is HttpAddress {
  return to.kind === "http" && from.kind === "http" && to.url !== from.url;
}

/** `__address__` as the rules leave it, where all of it is their text. */
function operatorsAddress(program: RelabelProgram, before: readonly Label[]): string | undefined {
  const { traces, labels = [] } = program.explain(before);
  const isText = labelsOfRuleText(traces).has("__address__");
  return isText ? new Map(labels).get("__address__") : undefined;
}

/** Undefined: nothing speaks against the URL. */
function screen(
  { pod }: PodTarget,
  url: string,
  trusted: string | undefined,
  policy: PodPolicy,
): Objection | undefined {
  if (trusted !== undefined && isAt(url, trusted)) {
    return undefined;
  }
  const found = screenUrl(url, KEY, pod, policy);
  const detail = `rules of the agent made this address of labels of ${podPlace(pod)}: ${found?.detail}`;
  return found && { ...found, detail };
}

/** Whether a URL goes where the text says and nowhere else, whatever stands around it. */
function isAt(url: string, trusted: string): boolean {
  const { protocol = "", host } = URL.parse(url) ?? {};
  const rest = trusted.replace(/^https?:\/\//, "");
  return host !== undefined && URL.parse(`${protocol}//${rest}`)?.host === host;
}
