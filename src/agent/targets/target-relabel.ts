import type { PromInput } from "../../config/input/prom-input.ts";
import type { ConfigIssue } from "../../config/language/config-issue.ts";
import { type DesiredTarget, desiredTarget } from "../../discovery/static-targets.ts";
import { md5Tail } from "../../md5-tail.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { type RelabelConfig, RelabelProgram } from "../../rules/relabel/relabel-program.ts";
import { type IntervalBounds, shownUrl, targetChange } from "./target-change.ts";
import { shownLabels, targetLabels } from "./target-labels.ts";

/** What is declared for the targets of all inputs. */
export interface TargetRules {
  readonly targetRelabel: RelabelConfig;
  /** Intervals stay within 1s to 5m, as in drop-ins. */
  readonly protectMode: boolean;
}

/** A target that a rule dropped, as it may be shown. */
export interface DroppedTarget {
  readonly source: string;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

export interface RelabeledTargets {
  /** In their order; those without rules are the very same objects. */
  readonly targets: readonly DesiredTarget[];
  readonly dropped: readonly DroppedTarget[];
  readonly issues: readonly ConfigIssue[];
}

/** Rules for the targets of an input, in their order: of its table, of its file, of the agent. */
export function targetRulesOf(
  { series }: PromInput,
  global: RelabelConfig,
): readonly RelabelConfig[] {
  const flavour = series?.flavour ?? "prometheus";
  const own = [series?.targetRelabel ?? [], series?.relabelFile?.targetRules ?? []];
  const all = [...own.map((rules) => ({ flavour, rules })), global];
  return all.filter(({ rules }) => rules.length > 0);
}

/** Takes targets through `relabel_configs`, before the first scrape. */
export function relabelTargets(
  found: readonly DesiredTarget[],
  global: TargetRules,
): RelabeledTargets {
  const programsOf = new Map<PromInput, readonly RelabelProgram[]>();
  const targets = new Map<string, DesiredTarget>();
  const dropped: DroppedTarget[] = [];
  const issues: ConfigIssue[] = [];
  for (const target of found) {
    const { input } = target;
    const programs = programsOf.get(input) ?? compile(input, global.targetRelabel);
    programsOf.set(input, programs);
    const outcome = programs.length === 0 ? target : relabel(target, programs, global);
    if (outcome === "dropped") {
      const discoveredLabels = shownLabels(targetLabels(target));
      dropped.push({ source: input.source, discoveredLabels });
    } else if ("trouble" in outcome) {
      issues.push(issueOf(target, "error", outcome.trouble));
    } else if (targets.has(outcome.key)) {
      const trouble = `${shownUrl(outcome)} comes out a second time; it is scraped once`;
      issues.push(issueOf(target, "warning", trouble));
    } else {
      targets.set(outcome.key, outcome);
    }
  }
  return { targets: [...targets.values()], dropped, issues };
}

function compile(input: PromInput, global: RelabelConfig): readonly RelabelProgram[] {
  return targetRulesOf(input, global).map((config) => new RelabelProgram(config, md5Tail));
}

function relabel(
  target: DesiredTarget,
  programs: readonly RelabelProgram[],
  bounds: IntervalBounds,
): DesiredTarget | "dropped" | { readonly trouble: string } {
  const before = targetLabels(target);
  let after: readonly Label[] | undefined = before;
  for (const program of programs) {
    after = after && program.apply(after);
  }
  if (after === undefined) {
    return "dropped";
  }
  const change = targetChange(target, before, after, bounds);
  if ("trouble" in change) {
    return change;
  }
  const relabeled = desiredTarget({ ...target, input: change.input }, change.address);
  const { host: _, ...written } = change.written;
  return {
    ...relabeled,
    upTags: { ...relabeled.upTags, ...written },
    discoveredLabels: shownLabels(before),
  };
}

function issueOf(
  { file, position }: DesiredTarget,
  severity: ConfigIssue["severity"],
  message: string,
): ConfigIssue {
  return { severity, file, ...(position && { position }), key: "relabel_configs", message };
}
