import type { LocatedInput, PromInput } from "../config/input/prom-input.ts";
import type { ConfigIssue, Position } from "../config/language/config-issue.ts";
import { redactUrl } from "../redact.ts";
import { type KnownAddress, parseTargetAddress } from "./target-address.ts";
import { targetKey } from "./target-key.ts";

/** One URL that shall be scraped, and where it was declared. */
export interface DesiredTarget {
  /** See `targetKey`. */
  readonly key: string;
  readonly address: KnownAddress;
  readonly input: PromInput;
  readonly file: string;
  readonly position?: Position;
  /** The part of `rules.addedTags` that is known here, highest first; the global tags come after it. */
  readonly addedTags: readonly (readonly [name: string, value: string])[];
  /** Tags that win over labels: those of a pod annotation. */
  readonly overridingTags: Readonly<Record<string, string>>;
  /** Tags of the `up` point, without the global ones; absent: none is made. */
  readonly upTags?: Readonly<Record<string, string>>;
  /** Labels `__meta_…` that a discoverer found, by Prometheus' names: for `relabel_configs`. */
  readonly meta?: Readonly<Record<string, string>>;
  /** Labels before `relabel_configs`, as they may be shown. Absent where there are no such rules. */
  readonly discoveredLabels?: Readonly<Record<string, string>>;
}

export interface StaticTargets {
  readonly targets: readonly DesiredTarget[];
  readonly issues: readonly ConfigIssue[];
}

/**
 * One target for each URL of the inputs, in their order. A URL that cannot be read is an issue and its siblings run; a
 * URL declared again with the same content is scraped once.
 */
export function staticTargets(inputs: readonly LocatedInput[]): StaticTargets {
  const targets = new Map<string, DesiredTarget>();
  const issues: ConfigIssue[] = [];
  for (const located of inputs) {
    for (const [index, written] of located.input.urls.entries()) {
      const issue = addTarget(located, written, targets);
      if (issue !== undefined) {
        const message = `entry ${index + 1}: ${issue.trouble}`;
        issues.push({
          severity: issue.severity,
          ...placeOf(located),
          key: "inputs.prom.urls",
          message,
        });
      }
    }
  }
  return { targets: [...targets.values()], issues };
}

interface UrlIssue {
  readonly severity: ConfigIssue["severity"];
  readonly trouble: string;
}

function addTarget(
  located: LocatedInput,
  written: string,
  targets: Map<string, DesiredTarget>,
): UrlIssue | undefined {
  const address = parseTargetAddress(written);
  if (address.kind === "bad") {
    const trouble = `no URL that can be scraped (${redactUrl(written)}); wanted http://host:port/path, https://… or a file path`;
    return { severity: "error", trouble };
  }
  const target = desiredTarget(located, address);
  const first = targets.get(target.key);
  if (first !== undefined) {
    const { file, position } = first;
    const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
    const trouble = `the same URL with the same settings is declared at ${place}; it is scraped once`;
    return { severity: "warning", trouble };
  }
  targets.set(target.key, target);
  if (address.kind === "file" && address.doubtful) {
    const trouble =
      "neither http:// nor https://, so it is read as the path of a local file; did you mean http://…?";
    return { severity: "warning", trouble };
  }
  return undefined;
}

function placeOf({ file, position }: LocatedInput): Pick<DesiredTarget, "file" | "position"> {
  return position === undefined ? { file } : { file, position };
}

/** The target of an input at one address. */
export function desiredTarget(located: LocatedInput, address: KnownAddress): DesiredTarget {
  const { input } = located;
  return {
    key: targetKey(address.kind === "http" ? address.url : `file:${address.path}`, input),
    address,
    input,
    ...placeOf(located),
    addedTags: addedTags(input, address),
    overridingTags: {},
    upTags: upTags(input, address),
  };
}

/** spec/datakit.md 1.1: `[tags]`, then `host` unless it is this machine, then `instance`. */
function addedTags(input: PromInput, address: KnownAddress): [string, string][] {
  const tags = Object.entries(input.tags);
  const add = (name: string, value: string) => {
    if (!Object.hasOwn(input.tags, name)) {
      tags.push([name, value]);
    }
  };
  if (!input.disableHostTag) {
    if (address.kind === "file") {
      add("host", address.path);
    } else if (!address.loopback) {
      add("host", address.host);
    }
  }
  if (!input.disableInstanceTag && address.kind === "http") {
    add("instance", address.instance);
  }
  return tags;
}

/** spec/datakit.md 1.2: `[tags]` overrides neither `job` nor `instance`, and port 0 stands for none. */
function upTags(input: PromInput, address: KnownAddress): Record<string, string> {
  return { ...input.tags, job: input.source, instance: upInstance(address) };
}

function upInstance(address: KnownAddress): string {
  if (address.kind === "file") {
    return address.path;
  }
  return address.hasPort ? address.instance : `${address.instance.replace(/:$/, "")}:0`;
}
