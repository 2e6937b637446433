import type { PodPolicy } from "../pod-policy.ts";
import type { PodTarget, PodTargets } from "./pod-targets.ts";

/** The operator's rules for targets, as far as discovery of pods knows them. */
export interface PodRules {
  /** Whether a rule looks at a label; absent: there are no rules, and no labels are kept for them. */
  readonly isRead?: (label: string) => boolean;
  /** The targets as they shall be scraped. Those that stay the same have to be the same objects. */
  apply(targets: readonly PodTarget[], policy: PodPolicy): PodTargets;
}
