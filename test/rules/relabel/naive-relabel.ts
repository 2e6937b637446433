import { RE2JS } from "re2js";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import type { RelabelFlavour, RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import type { LabelMatcher } from "../../../src/rules/relabel/selector-reader.ts";
import { parseSelector } from "../../../src/rules/relabel/series-selector.ts";
import { xxhash64 } from "../../../src/rules/relabel/xxhash64.ts";
import { md5Tail } from "./md5-tail.ts";

/**
 * Relabeling a second time, to compare with: a Map, one regular expression for every question, nothing prepared and nothing
 * remembered. Rules are expected to be valid. Undefined: dropped.
 */
export function naiveRelabel(
  labels: readonly Label[],
  rules: readonly RelabelRule[],
  flavour: RelabelFlavour,
): readonly Label[] | undefined {
  let all = new Map(labels);
  if (flavour === "prometheus") {
    all = new Map([...all].filter(([, value]) => value !== "").sort(byName));
  }
  const untouched = new Set(all.keys());
  for (const rule of rules) {
    if (!applies(rule, all)) {
      if (["keep", "keep_metrics"].includes(rule.action)) {
        return undefined;
      }
    } else if (!new NaiveRule(rule, all, untouched, flavour).apply()) {
      return undefined;
    }
    if (flavour === "vmagent" && all.size === 0) {
      return undefined;
    }
  }
  const left = [...all].filter(([name, value]) => name !== "" && value !== "");
  return left.length === 0 ? undefined : left;
}

function byName([left]: Label, [right]: Label): number {
  return left < right ? -1 : 1;
}

function applies(rule: RelabelRule, labels: ReadonlyMap<string, string>): boolean {
  return (
    rule.if === undefined ||
    rule.if.length === 0 ||
    rule.if.some((text) => {
      const parsed = parseSelector(text);
      return (
        parsed.kind === "selector" &&
        parsed.selector.some((group) => group.every((one) => matcherHolds(one, labels)))
      );
    })
  );
}

function matcherHolds(
  { label, op, value }: LabelMatcher,
  labels: ReadonlyMap<string, string>,
): boolean {
  const has = labels.get(label) ?? "";
  const holds = op.endsWith("~") ? anchored(value).matches(has) : has === value;
  return op.startsWith("!") ? !holds : holds;
}

function anchored(regex: string) {
  return RE2JS.compile(`^(?:${regex})$`, RE2JS.DOTALL);
}

/** One rule on its labels; false: the series is dropped. */
class NaiveRule {
  readonly #rule: RelabelRule;
  readonly #labels: Map<string, string>;
  readonly #untouched: Set<string>;
  readonly #flavour: RelabelFlavour;

  constructor(
    rule: RelabelRule,
    labels: Map<string, string>,
    untouched: Set<string>,
    flavour: RelabelFlavour,
  ) {
    this.#rule = rule;
    this.#labels = labels;
    this.#untouched = untouched;
    this.#flavour = flavour;
  }

  apply(): boolean {
    const rule = this.#rule;
    const target = rule.targetLabel;
    switch (rule.action) {
      case "replace":
        return this.#replace();
      case "replace_all": {
        const after = substitute(this.#source(), rule.regex ?? ".*", rule.replacement ?? "$1");
        return after === this.#source() || this.#set(target, after);
      }
      case "keep":
      case "keep_metrics":
        return this.#matches(this.#source());
      case "drop":
      case "drop_metrics":
        return !this.#matches(this.#source());
      case "keepequal":
        return this.#source() === this.#get(target);
      case "dropequal":
        return this.#source() !== this.#get(target);
      case "keep_if_equal":
        return this.#allEqual();
      case "drop_if_equal":
        return !this.#allEqual();
      case "keep_if_contains":
        return rule.sourceLabels.every((name) => this.#get(target).includes(this.#get(name)));
      case "drop_if_contains":
        return !rule.sourceLabels.every((name) => this.#get(target).includes(this.#get(name)));
      case "lowercase":
        return this.#set(
          target,
          [...this.#source()].map((c) => simple(c, c.toLowerCase())).join(""),
        );
      case "uppercase":
        return this.#set(
          target,
          [...this.#source()].map((c) => simple(c, c.toUpperCase())).join(""),
        );
      case "hashmod": {
        const hash = this.#flavour === "vmagent" ? xxhash64 : md5Tail;
        return this.#set(target, `${hash(this.#source()) % BigInt(rule.modulus)}`);
      }
      case "labelmap":
        for (const [name, value] of [...this.#labels]) {
          if (this.#matches(name)) {
            const now = this.#flavour === "vmagent" ? this.#get(name) : value;
            this.#set(expand(rule.replacement ?? "$1", this.#match(name)), now);
          }
        }
        return true;
      case "labelmap_all":
        return this.#renameAll();
      case "labeldrop":
        return this.#filter((name) => !this.#matches(name));
      case "labelkeep":
        return this.#filter((name) => this.#matches(name));
      case "graphite":
        return this.#graphite();
    }
  }

  #get(name: string): string {
    return this.#labels.get(name) ?? "";
  }

  /** Always true, so that it can end a case. */
  #set(name: string, value: string): true {
    if (this.#flavour === "prometheus" && (value === "" || this.#untouched.has(name))) {
      this.#labels.delete(name);
    }
    this.#untouched.delete(name);
    if (this.#flavour === "vmagent" || value !== "") {
      this.#labels.set(name, value);
    }
    return true;
  }

  #source(): string {
    const names = this.#rule.action.endsWith("_metrics") ? ["__name__"] : this.#rule.sourceLabels;
    return names.map((name) => this.#get(name)).join(this.#rule.separator ?? ";");
  }

  #match(text: string) {
    const matcher = anchored(this.#rule.regex ?? "(.*)").matcher(text);
    return matcher.matches() ? matcher : undefined;
  }

  #matches(text: string): boolean {
    return this.#match(text) !== undefined;
  }

  #replace(): true {
    const match = this.#match(this.#source());
    if (match === undefined) {
      return true;
    }
    const name = expand(this.#rule.targetLabel, match);
    // Split at references first: what a label holds is not looked at again.
    const pieces = (this.#rule.replacement ?? "$1").split(/(\{\{.*?\}\})/s);
    const value = pieces
      .map((piece) =>
        piece.startsWith("{{") && piece.endsWith("}}")
          ? this.#get(piece.slice(2, -2))
          : expand(piece, match),
      )
      .join("");
    return name === "" && this.#flavour === "prometheus" ? true : this.#set(name, value);
  }

  #allEqual(): boolean {
    const [first, ...others] = this.#rule.sourceLabels.map((name) => this.#get(name));
    return others.every((value) => value === first);
  }

  #renameAll(): true {
    for (const name of [...this.#labels.keys()]) {
      const to = substitute(name, this.#rule.regex ?? ".*", this.#rule.replacement ?? "$1");
      if (to !== name && this.#labels.has(name)) {
        const entries = [...this.#labels].filter(([label]) => label !== to);
        this.#labels.clear();
        for (const [label, value] of entries) {
          this.#labels.set(label === name ? to : label, value);
        }
        if (this.#untouched.delete(name)) {
          this.#untouched.add(to);
        } else {
          this.#untouched.delete(to);
        }
      }
    }
    return true;
  }

  #filter(stays: (name: string) => boolean): true {
    for (const name of [...this.#labels.keys()]) {
      if (!stays(name)) {
        this.#labels.delete(name);
        this.#untouched.delete(name);
      }
    }
    return true;
  }

  #graphite(): true {
    const found = firstPlaces(this.#rule.match ?? "", this.#get("__name__"));
    if (found === undefined) {
      return true;
    }
    for (const [label, template] of Object.entries(this.#rule.labels ?? {})) {
      this.#set(
        label,
        template.replace(
          /\$\{(\d+)\}|\$(\d+)/g,
          (all, braced, bare) => found[braced ?? bare] ?? all,
        ),
      );
    }
    return true;
  }
}

function firstPlaces(template: string, name: string): string[] | undefined {
  const parts = template.split(/(\*)/).filter((part) => part !== "");
  const found = [name];
  let rest = name;
  while (parts.length > 0) {
    const part = parts.shift() as string;
    if (part !== "*") {
      if (!rest.startsWith(part)) {
        return undefined;
      }
      rest = rest.slice(part.length);
    } else {
      const next = parts[0];
      const length = next === undefined ? rest.length : next === "*" ? 0 : rest.indexOf(next);
      if (length < 0 || rest.slice(0, length).includes(".")) {
        return undefined;
      }
      found.push(rest.slice(0, length));
      rest = rest.slice(length);
    }
  }
  return rest === "" ? found : undefined;
}

function simple(before: string, after: string): string {
  return before === "İ" && after !== before ? "i" : [...after].length === 1 ? after : before;
}

interface Match {
  group(which: number | string): string | null;
  groupCount(): number;
  getNamedGroups(): Record<string, string | null>;
}

/** Go's `Expand`, character by character. */
function expand(template: string, match: Match | undefined): string {
  let out = "";
  let rest = template;
  while (rest !== "") {
    const found = /^\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u.exec(rest);
    if (found === null) {
      out += rest.charAt(0);
      rest = rest.slice(1);
      continue;
    }
    rest = rest.slice(found[0].length);
    out += found[1] ?? groupText(match, found[2] ?? found[3] ?? "");
  }
  return out;
}

function groupText(match: Match | undefined, name: string): string {
  if (match === undefined) {
    return "";
  }
  if (/^(0|[1-9]\d*)$/.test(name)) {
    return Number(name) <= match.groupCount() ? (match.group(Number(name)) ?? "") : "";
  }
  const named = match.getNamedGroups();
  return Object.hasOwn(named, name) ? (named[name] ?? "") : "";
}

function substitute(text: string, regex: string, replacement: string): string {
  const matcher = RE2JS.compile(regex).matcher(text);
  let out = "";
  let from = 0;
  let before = -1;
  while (matcher.find()) {
    const empty = matcher.start() === matcher.end();
    if (!(empty && matcher.start() === before)) {
      out += text.slice(from, matcher.start()) + expand(replacement, matcher);
      from = matcher.end();
    }
    before = matcher.end();
  }
  return out + text.slice(from);
}
