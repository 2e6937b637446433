import type { Document, LineCounter, YAMLMap } from "yaml";
import type { RelabelRule } from "../../rules/relabel/relabel-rule.ts";
import { checkedRule, type RuleChecks } from "../../rules/relabel/validate-rule.ts";
import type { Position } from "../language/config-issue.ts";

type Yaml = typeof import("yaml");

/** Something wrong in a file of relabel rules. */
interface RelabelFault {
  /** Absent where it is not certain. */
  readonly position?: Position;
  readonly message: string;
}

export interface RelabelRules {
  /** For samples: `metric_relabel_configs`, or a list without a name. */
  readonly rules: readonly RelabelRule[];
  /** For targets: `relabel_configs`. */
  readonly targetRules: readonly RelabelRule[];
  /** With any of these the rules are not to be used: half of them would mean something else. */
  readonly faults: readonly RelabelFault[];
}

/** A rule nests two deep; an alias may stand for a text, not for a tower of lists. */
const MAX_DEPTH = 4;

/** Relabel rules in Prometheus' own syntax, checked. */
export async function parseRelabelYaml(text: string, checks: RuleChecks): Promise<RelabelRules> {
  const values = await readRelabelYaml(text);
  if (values.kind === "wrong") {
    return { rules: [], targetRules: [], faults: [faultOf(values)] };
  }
  const samples = readEntries(values.entries, checks);
  const targets = readEntries(values.targetEntries, checks);
  return {
    rules: samples.rules,
    targetRules: targets.rules,
    faults: [...samples.faults, ...targets.faults],
  };
}

function readEntries(entries: readonly YamlEntry[], checks: RuleChecks) {
  const read = entries.map(({ raw, position }) => ({
    ...(position && { position }),
    ...checkedRule(raw, checks),
  }));
  return {
    rules: read.flatMap((one) => (one.kind === "rule" ? [one.rule] : [])),
    faults: read.flatMap((one) => (one.kind === "wrong" ? [faultOf(one)] : [])),
  };
}

interface YamlEntry {
  readonly raw: unknown;
  readonly position?: Position;
}

type YamlValues =
  | {
      readonly kind: "list";
      readonly entries: readonly YamlEntry[];
      readonly targetEntries: readonly YamlEntry[];
    }
  | ({ readonly kind: "wrong" } & RelabelFault);

/**
 * The entries of a YAML list of rules, or of such lists under `metric_relabel_configs` and `relabel_configs`. The parser is
 * loaded here and only here: who has no such file does not pay for it.
 */
export async function readRelabelYaml(text: string): Promise<YamlValues> {
  const yaml = await import("yaml");
  const lineCounter = new yaml.LineCounter();
  // Texts stay as they are written: a pattern `1.10` is no number, a label `no` is not false.
  const document = yaml.parseDocument(text, { schema: "failsafe", lineCounter });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const message = (broken.message.split("\n")[0] ?? "").replace(/ at line .*/, "");
    return { kind: "wrong", ...placeOf(broken.pos[0], lineCounter), message };
  }
  const { contents } = document;
  const entriesOf = (list: unknown): YamlEntry[] | undefined => {
    if (list === null || (yaml.isScalar(list) && list.value === "")) {
      return [];
    }
    return !yaml.isSeq(list)
      ? undefined
      : list.items.map((node) => {
          const offset = yaml.isNode(node) ? node.range?.[0] : undefined;
          return { raw: plainValue(node, yaml, document), ...placeOf(offset, lineCounter) };
        });
  };
  const lists = yaml.isMap(contents) ? listsWithin(contents) : { samples: contents, targets: null };
  const entries = entriesOf(lists.samples);
  const targetEntries = entriesOf(lists.targets);
  return entries === undefined || targetEntries === undefined
    ? { kind: "wrong", message: "has to be a list of relabel rules" }
    : { kind: "list", entries, targetEntries };
}

function faultOf({ position, message }: RelabelFault): RelabelFault {
  return position === undefined ? { message } : { position, message };
}

/** With neither of the two the map itself, which is no list. */
function listsWithin(map: YAMLMap): { readonly samples: unknown; readonly targets: unknown } {
  const targets = map.get("relabel_configs") ?? null;
  const samples = map.get("metric_relabel_configs") ?? (targets === null ? map : null);
  return { samples, targets };
}

function placeOf(offset: number | undefined, lines: LineCounter): Pick<RelabelFault, "position"> {
  if (offset === undefined) {
    return {};
  }
  const { line, col } = lines.linePos(offset);
  return { position: { line, column: col } };
}

/** Lists, tables and texts; what YAML calls null is null, and `True` means the text `true`, as vmagent has it. */
function plainValue(node: unknown, yaml: Yaml, document: Document, depth = 0): unknown {
  if (yaml.isAlias(node)) {
    return depth > MAX_DEPTH ? null : plainValue(node.resolve(document), yaml, document, depth + 1);
  }
  if (yaml.isSeq(node)) {
    return node.items.map((one) => plainValue(one, yaml, document, depth + 1));
  }
  if (yaml.isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [
      String(plainValue(key, yaml, document, depth + 1)),
      plainValue(value, yaml, document, depth + 1),
    ]);
    return Object.fromEntries(pairs);
  }
  if (!yaml.isScalar(node)) {
    return null;
  }
  const text = String(node.value ?? "");
  if (node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(text)) {
    return null;
  }
  return node.type === "PLAIN" && /^(?:true|false)$/i.test(text) ? text.toLowerCase() : text;
}
