import { parseDuration } from "../config/duration.ts";
import type { ConfigIssue, PromInput } from "../config/prom-input.ts";
import { type DesiredTarget, desiredTarget } from "../discovery/static-targets.ts";
import { parseTargetAddress } from "../discovery/target-address.ts";
import { redactUrl } from "../redact.ts";
import type { Label } from "../rules/relabel/label-set.ts";
import { type RelabelConfig, RelabelProgram } from "../rules/relabel/relabel-program.ts";
import { scrapeUrlOf } from "../rules/relabel/scrape-url.ts";
import { md5Tail } from "../scrape/md5-tail.ts";
import { MINUTE, SECOND } from "../units.ts";
import { PARAM, shownLabels, targetLabels } from "./target-labels.ts";

/** What is declared for the targets of all inputs. */
interface TargetRules {
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
    const outcome = programs.length === 0 ? target : relabel(target, programs, global.protectMode);
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

interface Trouble {
  readonly trouble: string;
}

function relabel(
  target: DesiredTarget,
  programs: readonly RelabelProgram[],
  protect: boolean,
): DesiredTarget | "dropped" | Trouble {
  const before = targetLabels(target);
  let after: readonly Label[] | undefined = before;
  for (const program of programs) {
    after = after && program.apply(after);
  }
  if (after === undefined) {
    return "dropped";
  }
  const change: LabelChange = { from: new Map(before), to: new Map(after) };
  const times = timesOf(change, protect);
  if ("trouble" in times) {
    return times;
  }
  const address = parseTargetAddress(addressOf(target, change) ?? "");
  if (address.kind === "bad" || address.kind !== target.location.kind) {
    return { trouble: `make no URL that can be scraped of ${shownUrl(target)}` };
  }
  const input = { ...inputAt(target.input, times), tags: tagsOf(target.input, change) };
  const relabeled = desiredTarget({ ...target, input }, address);
  return {
    ...relabeled,
    upTags: { ...relabeled.upTags, ...written("job", change), ...written("instance", change) },
    discoveredLabels: shownLabels(before),
  };
}

interface LabelChange {
  readonly from: ReadonlyMap<string, string>;
  readonly to: ReadonlyMap<string, string>;
}

interface ScrapeTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** As for drop-ins: the interval is held within its bounds, the timeout within the interval. */
function timesOf({ to }: LabelChange, protect: boolean): ScrapeTimes | Trouble {
  const interval = parseDuration(to.get("__scrape_interval__") ?? "") ?? 0;
  const timeout = parseDuration(to.get("__scrape_timeout__") ?? "") ?? 0;
  if (interval <= 0 || timeout <= 0) {
    const label = interval <= 0 ? "__scrape_interval__" : "__scrape_timeout__";
    return { trouble: `leave no duration above zero in ${label}` };
  }
  const intervalMs = protect
    ? Math.min(Math.max(interval, SECOND), 5 * MINUTE)
    : Math.max(1, Math.round(interval));
  return { intervalMs, timeoutMs: Math.max(1, Math.min(timeout, intervalMs)) };
}

function inputAt(input: PromInput, times: ScrapeTimes): PromInput {
  const { limits } = input;
  const { timeoutMs } = times;
  const connectTimeoutMs = Math.min(limits.connectTimeoutMs, timeoutMs);
  const idleTimeoutMs = Math.min(limits.idleTimeoutMs, timeoutMs);
  return { ...input, ...times, limits: { ...limits, connectTimeoutMs, idleTimeoutMs } };
}

/** What has no `__` in front, tags of the table first; the source is no tag until a rule writes it. */
function tagsOf({ source, tags }: PromInput, { to }: LabelChange): Record<string, string> {
  const own = Object.keys(tags).filter((name) => to.has(name));
  const names = new Set([...own, ...to.keys()]);
  const isTag = (name: string): boolean =>
    !(name === "job" && to.get(name) === source && !Object.hasOwn(tags, name));
  return Object.fromEntries(
    [...names]
      .filter((name) => !name.startsWith("__") && isTag(name))
      .map((name) => [name, to.get(name) ?? ""]),
  );
}

/** As written where no rule touched it, so that spelling and repeated parameters stay. Undefined: there is no address. */
function addressOf({ location }: DesiredTarget, change: LabelChange): string | undefined {
  const { from, to } = change;
  const names = new Set([...from.keys(), ...to.keys()]);
  const untouched = [...names].every(
    (name) => !ADDRESS_PART.test(name) || !isWritten(name, change),
  );
  if (location.kind === "file") {
    return to.get("__scheme__") === "file" ? to.get("__address__") : undefined;
  }
  if (untouched) {
    return location.url;
  }
  const made = scrapeUrlOf(to)?.url;
  return made && withCredentials(withOtherParameters(made, location.url, to), location.url);
}

const ADDRESS_PART = /^__(?:address|scheme|metrics_path)__$|^__param_/;

/** A label holds the first value of a parameter, and none that is empty: the others stay. */
function withOtherParameters(url: string, configured: string, to: LabelChange["to"]): string {
  const all = [...new URL(configured).searchParams];
  const others = all.filter(
    ([name, value], index) =>
      all.findIndex(([other]) => other === name) !== index ||
      (value === "" && !to.has(PARAM + name)),
  );
  const query = new URLSearchParams(others).toString();
  return query === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** User and password of the URL as configured: no label carries them. */
function withCredentials(url: string, configured: string): string {
  const credentials = /^https?:\/\/([^/?#\\]*@)/i.exec(configured)?.[1] ?? "";
  return url.replace("://", `://${credentials}`);
}

function written(name: string, change: LabelChange): Record<string, string> {
  const value = change.to.get(name);
  return value !== undefined && isWritten(name, change) ? { [name]: value } : {};
}

function isWritten(name: string, { from, to }: LabelChange): boolean {
  // A label without a value is none.
  return (from.get(name) ?? "") !== (to.get(name) ?? "");
}

function issueOf(
  { file, position }: DesiredTarget,
  severity: ConfigIssue["severity"],
  message: string,
): ConfigIssue {
  return { severity, file, ...(position && { position }), key: "relabel_configs", message };
}

function shownUrl({ location }: DesiredTarget): string {
  return location.kind === "http" ? redactUrl(location.url) : location.path;
}
