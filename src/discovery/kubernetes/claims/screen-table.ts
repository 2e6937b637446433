import type { PodPolicy } from "../pod-policy.ts";
import { type Objection, objection, type RefusalRule } from "./refusal.ts";

type Table = Readonly<Record<string, unknown>>;

const FILE_KEYS: Readonly<Record<string, RefusalRule>> = {
  uds_path: "unix_socket",
  output: "output_file",
  bearer_token_file: "file_key",
  ca_certs: "file_key",
  cert: "file_key",
  cert_key: "file_key",
  tls_ca: "file_key",
  tls_cert: "file_key",
  tls_key: "file_key",
};
/** Relabel rules hold patterns, and replacements in which `${name}` is a group. */
const PATTERN_KEYS = [
  "metric_name_filter",
  "metric_name_filter_ignore",
  "ignore_tag_kv_match",
  "metric_relabel_configs",
];
const SECRET = /ENC\[/i;
/** What is left of `${…}` once the wildcards are filled in, and what names a variable of ours. A lone `$` stays text. */
const VARIABLE = /\$\{[A-Za-z_]\w*\}|\$ENV_/;
const INSTEAD = "a pod may bring what it is asked with, not name files of the node";
const REWRITE =
  "rules for targets can rewrite the address; those for pods are the operator's, in promline.toml";

/**
 * What speaks against a table of an annotation, before anything of it is read: no file is opened, no variable looked up and no
 * pattern compiled for it.
 */
export function screenTable(table: Table, policy: PodPolicy): Objection[] {
  const found = policy.sandbox ? [...fileKeys(table), ...references(table)] : [];
  return [
    ...found,
    ...operatorRules(table),
    ...patternLimits(table, policy),
    ...tagLimits(table, policy),
  ];
}

function fileKeys(table: Table): Objection[] {
  const { auth } = table;
  const named = Object.entries(FILE_KEYS).filter(([name]) => isSet(table[name]));
  const found = named.map(([name, rule]) =>
    objection(`inputs.prom.${name}`, "file path", rule, INSTEAD),
  );
  if (isTable(auth) && isSet(auth["token_file"])) {
    found.push(objection("inputs.prom.auth.token_file", "file path", "file_key", INSTEAD));
  }
  return found;
}

/** With or without the sandbox: what would not be done is not passed over in silence. */
function operatorRules(table: Table): Objection[] {
  const found: Objection[] = [];
  if (isSet(table["relabel_config_file"])) {
    const key = "inputs.prom.relabel_config_file";
    found.push(objection(key, "file path", "file_key", INSTEAD));
  }
  if (isSet(table["relabel_configs"])) {
    found.push(objection("inputs.prom.relabel_configs", "rules", "target_relabel", REWRITE));
  }
  return found;
}

/** Texts that would be replaced in a drop-in. They never are here; saying so beats passing them on to a target. */
function references(table: Table): Objection[] {
  const found: Objection[] = [];
  walk(table, "inputs.prom", false, (text, key, isPattern) => {
    if (SECRET.test(text)) {
      const detail = "ENC[…] is opened in files of the operator only";
      found.push(objection(key, "secret reference", "secret_reference", detail));
    } else if (!isPattern && VARIABLE.test(text)) {
      const detail =
        "only $IP, $NAMESPACE, $PODNAME and $NODENAME are filled in, no variables of the agent";
      found.push(objection(key, "variable reference", "environment_reference", detail));
    }
  });
  return found.slice(0, 10);
}

function patternLimits(table: Table, { limits }: PodPolicy): Objection[] {
  let count = 0;
  let cost = 0;
  walk(table, "", false, (text, _, isPattern) => {
    if (isPattern) {
      count += 1;
      cost += patternCost(text);
    }
  });
  const key = "inputs.prom.metric_name_filter";
  const found: Objection[] = [];
  if (count > limits.patterns) {
    const detail = `at most ${limits.patterns} patterns in a table`;
    found.push(objection(key, `${count} patterns`, "patterns", detail));
  }
  if (cost > limits.patternCost) {
    const detail =
      "the patterns are too long, or repeat too much by {n,m}; use + or *, or fewer of them";
    found.push(objection(key, "costly patterns", "pattern_cost", detail));
  }
  return found;
}

/** RE2 writes counted repetitions out: the program is as long as the pattern times its counts. */
function patternCost(pattern: string): number {
  let cost = pattern.length;
  for (const [, least, most] of pattern.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)) {
    cost *= Math.max(1, Number(least), Number(most ?? 0));
  }
  return cost;
}

function tagLimits(table: Table, { limits }: PodPolicy): Objection[] {
  const { tags } = table;
  const count = isTable(tags) ? Object.keys(tags).length : 0;
  if (count <= limits.tags) {
    return [];
  }
  const detail = `at most ${limits.tags} tags in a table`;
  return [objection("inputs.prom.tags", `${count} tags`, "tags", detail)];
}

/** Every text in a value, with the dotted key it stands at, and whether that key holds patterns. */
function walk(
  value: unknown,
  key: string,
  isPattern: boolean,
  see: (text: string, key: string, isPattern: boolean) => void,
): void {
  if (typeof value === "string") {
    see(value, key, isPattern);
  } else if (Array.isArray(value)) {
    for (const element of value) {
      walk(element, key, isPattern, see);
    }
  } else if (isTable(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const shown = name.length > 40 ? `${name.slice(0, 39)}…` : name;
      walk(inner, `${key}.${shown}`, isPattern || PATTERN_KEYS.includes(name), see);
    }
  }
}

/** Templates carry many keys without a value. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
}

function isTable(raw: unknown): raw is Table {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}
