import type { PromInput } from "../../config/input/prom-input.ts";
import { parseDuration } from "../../config/language/duration.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import { type KnownAddress, parseTargetAddress } from "../../discovery/target-address.ts";
import { redactUrl } from "../../redact.ts";
import type { Label } from "../../rules/relabel/label-set.ts";
import { scrapeUrlOf } from "../../rules/relabel/scrape-url.ts";
import { MINUTE, SECOND } from "../../units.ts";
import { PARAM } from "./target-labels.ts";

/** Where the interval of a target is held. */
export interface IntervalBounds {
  /** 1s to 5m, as in drop-ins. */
  readonly protectMode: boolean;
  /** Milliseconds, whatever the mode; absent: none. */
  readonly leastMs?: number;
}

/** What the labels of a target mean once rules have changed them. */
export interface TargetChange {
  readonly address: KnownAddress;
  /** With the interval, the timeouts and the tags of these labels. */
  readonly input: PromInput;
  /** `job`, `instance` and `host` where a rule wrote them. */
  readonly written: Readonly<Record<string, string>>;
}

interface Trouble {
  readonly trouble: string;
}

/** Reads the labels that came out of rules for the target that had those `before`. */
export function targetChange(
  target: DesiredTarget,
  before: readonly Label[],
  after: readonly Label[],
  bounds: IntervalBounds,
): TargetChange | Trouble {
  const change: LabelChange = { from: new Map(before), to: new Map(after) };
  const times = timesOf(change, bounds);
  if ("trouble" in times) {
    return times;
  }
  const address = parseTargetAddress(addressOf(target, change) ?? "");
  if (address.kind === "bad" || address.kind !== target.address.kind) {
    return { trouble: `make no URL that can be scraped of ${shownUrl(target)}` };
  }
  const input = { ...inputAt(target.input, times), tags: tagsOf(target.input, change) };
  return { address, input, written: writtenOf(change) };
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
function timesOf(
  { to }: LabelChange,
  { protectMode, leastMs = 1 }: IntervalBounds,
): ScrapeTimes | Trouble {
  const interval = parseDuration(to.get("__scrape_interval__") ?? "") ?? 0;
  const timeout = parseDuration(to.get("__scrape_timeout__") ?? "") ?? 0;
  if (interval <= 0 || timeout <= 0) {
    const label = interval <= 0 ? "__scrape_interval__" : "__scrape_timeout__";
    return { trouble: `leave no duration above zero in ${label}` };
  }
  const held = protectMode
    ? Math.min(Math.max(interval, SECOND), 5 * MINUTE)
    : Math.round(interval);
  const intervalMs = Math.max(held, leastMs);
  return { intervalMs, timeoutMs: Math.max(1, Math.min(timeout, intervalMs)) };
}

function inputAt(input: PromInput, times: ScrapeTimes): PromInput {
  const { limits } = input;
  const { timeoutMs } = times;
  const connectTimeoutMs = Math.min(limits.connectTimeoutMs, timeoutMs);
  const idleTimeoutMs = Math.min(limits.idleTimeoutMs, timeoutMs);
  const isSame =
    limits.connectTimeoutMs === connectTimeoutMs && limits.idleTimeoutMs === idleTimeoutMs;
  const held = isSame ? limits : { ...limits, connectTimeoutMs, idleTimeoutMs };
  return { ...input, ...times, limits: held };
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
function addressOf({ address }: DesiredTarget, change: LabelChange): string | undefined {
  const { from, to } = change;
  const names = new Set([...from.keys(), ...to.keys()]);
  const untouched = [...names].every(
    (name) => !ADDRESS_PART.test(name) || !isWritten(name, change),
  );
  if (address.kind === "file") {
    return to.get("__scheme__") === "file" ? to.get("__address__") : undefined;
  }
  if (untouched) {
    return address.url;
  }
  // The scheme stands in front of the host: another text there would be the host.
  const made = SCHEMES.includes(to.get("__scheme__") ?? "") ? scrapeUrlOf(to)?.url : undefined;
  return made && withCredentials(withOtherParameters(made, address.url, to), address.url);
}

/** None is http. */
const SCHEMES = ["", "http", "https"];
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
  return url.replace("://", () => `://${credentials}`);
}

function writtenOf(change: LabelChange): Record<string, string> {
  const names = ["job", "instance", "host"].filter((name) => isWritten(name, change));
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = change.to.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function isWritten(name: string, { from, to }: LabelChange): boolean {
  // A label without a value is none.
  return (from.get(name) ?? "") !== (to.get(name) ?? "");
}

/** Without what it holds of secrets. */
export function shownUrl({ address }: DesiredTarget): string {
  return address.kind === "http" ? redactUrl(address.url) : address.path;
}
