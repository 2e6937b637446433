import { RELABEL_ACTIONS, type RelabelAction, type RelabelRule } from "./relabel-rule.ts";

export type ReadRule =
  | { readonly kind: "rule"; readonly rule: RelabelRule }
  | { readonly kind: "wrong"; readonly message: string };

type Fields = Readonly<Record<string, unknown>>;

const KEYS = [
  "if",
  "action",
  "source_labels",
  "separator",
  "target_label",
  "regex",
  "modulus",
  "replacement",
  "match",
  "labels",
];

/**
 * A rule from the keys that Prometheus and vmagent write, values as YAML, TOML or JSON have them.
 * Whether the keys belong together is asked of `validateRule`.
 */
export function readRule(raw: unknown): ReadRule {
  if (!isFields(raw)) {
    return { kind: "wrong", message: "a relabel rule has to be a table of keys" };
  }
  const reader = new RuleReader(raw);
  const rule = reader.rule();
  return reader.trouble === undefined
    ? { kind: "rule", rule }
    : { kind: "wrong", message: reader.trouble };
}

/**
 * Reads what can be read; the first thing that is wrong is kept, and something stands in for it.
 */
class RuleReader {
  trouble: string | undefined;
  readonly #raw: Fields;

  constructor(raw: Fields) {
    this.#raw = raw;
  }

  rule(): RelabelRule {
    const unknown = Object.keys(this.#raw).find((name) => !KEYS.includes(name));
    if (unknown !== undefined) {
      this.#wrong(`unknown key ${unknown}`);
    }
    const optional = {
      separator: this.#text("separator"),
      regex: this.#regex(this.#raw["regex"]),
      replacement: this.#text("replacement"),
      if: this.#selectors(),
      match: this.#text("match"),
      labels: this.#labels(),
    };
    const given = Object.entries(optional).filter(([, value]) => value !== undefined);
    return {
      action: this.#action(),
      sourceLabels: this.#texts("source_labels"),
      targetLabel: this.#text("target_label") ?? "",
      modulus: this.#modulus(),
      ...Object.fromEntries(given),
    };
  }

  #action(): RelabelAction {
    const given = this.#raw["action"] ?? "replace";
    const lower = String(given).toLowerCase();
    const action = RELABEL_ACTIONS.find((known) => known === lower);
    if (action === undefined) {
      this.#wrong(
        given === ""
          ? "relabel action cannot be empty"
          : `unknown relabel action ${JSON.stringify(given)}`,
      );
    }
    return action ?? "replace";
  }

  #text(name: string): string | undefined {
    const value = this.#raw[name];
    return value === undefined || value === null ? undefined : this.#scalar(value, name);
  }

  #texts(name: string): readonly string[] {
    const value = this.#raw[name] ?? [];
    if (!Array.isArray(value)) {
      this.#wrong(`${name} is not a list`);
      return [];
    }
    return value.map((one) => this.#scalar(one, name));
  }

  /** A list stands for its alternatives. */
  #regex(value: unknown): string | undefined {
    if (Array.isArray(value)) {
      return value.map((one) => (one === null ? "null" : this.#regex(one))).join("|");
    }
    return value === undefined ? undefined : value === null ? "" : this.#scalar(value, "regex");
  }

  #modulus(): number {
    const number = Number(this.#raw["modulus"] ?? 0);
    if (!Number.isSafeInteger(number) || number < 0) {
      this.#wrong("modulus is not a whole number of zero or more");
      return 0;
    }
    return number;
  }

  #selectors(): readonly string[] | undefined {
    const value = this.#raw["if"];
    if (value === undefined) {
      return undefined;
    }
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (all.every((one) => typeof one === "string")) {
      return all;
    }
    this.#wrong("'if' is neither a series selector nor a list of them");
    return undefined;
  }

  #labels(): Readonly<Record<string, string>> | undefined {
    const value = this.#raw["labels"];
    if (value === undefined) {
      return undefined;
    }
    if (!isFields(value)) {
      this.#wrong("labels is not a table");
      return undefined;
    }
    const pairs = Object.entries(value).map(([name, one]) => [name, this.#scalar(one, "labels")]);
    return Object.fromEntries(pairs);
  }

  #scalar(value: unknown, name: string): string {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return String(value);
    }
    this.#wrong(`${name} is not a text`);
    return "";
  }

  #wrong(message: string): void {
    this.trouble ??= message;
  }
}

function isFields(raw: unknown): raw is Fields {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
