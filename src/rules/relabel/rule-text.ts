import type { RelabelRule } from "./relabel-rule.ts";

/** A rule as YAML, one key a line, as it may be pasted back: what has its default is left out. */
export function ruleText(rule: RelabelRule): string {
  const lines: string[] = [];
  const add = (name: string, text: string | undefined): void => {
    if (text !== undefined) {
      lines.push(`${name}: ${yamlText(text)}`);
    }
  };
  addList(lines, "if", rule.if);
  if (rule.action !== "replace") {
    add("action", rule.action);
  }
  if (rule.sourceLabels.length > 0) {
    lines.push(`source_labels: [${rule.sourceLabels.map(flowText).join(", ")}]`);
  }
  add("separator", rule.separator);
  add("target_label", rule.targetLabel === "" ? undefined : rule.targetLabel);
  addList(lines, "regex", rule.regex === undefined ? undefined : alternatives(rule.regex));
  if (rule.modulus !== 0) {
    lines.push(`modulus: ${rule.modulus}`);
  }
  add("replacement", rule.replacement);
  add("match", rule.match);
  if (rule.labels !== undefined) {
    lines.push("labels:");
    for (const [name, template] of Object.entries(rule.labels)) {
      lines.push(`  ${yamlText(name)}: ${yamlText(template)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Rules as the list that a file holds. */
export function rulesText(rules: readonly RelabelRule[]): string {
  return rules.map((rule) => `- ${ruleText(rule).trimEnd().replaceAll("\n", "\n  ")}\n`).join("");
}

/** The list that a pattern may have been: vmagent joins lists with `|`. */
function alternatives(regex: string): readonly string[] {
  return /[([]/.test(regex) ? [regex] : regex.split("|");
}

function addList(lines: string[], name: string, texts: readonly string[] | undefined): void {
  const [only] = texts ?? [];
  if (texts === undefined || only === undefined) {
    return;
  }
  if (texts.length === 1) {
    lines.push(`${name}: ${yamlText(only)}`);
  } else {
    lines.push(`${name}:`, ...texts.map((text) => `- ${yamlText(text)}`));
  }
}

/** Plain where YAML reads the same text back as a text; else quoted. */
function yamlText(text: string): string {
  if (/[\p{Cc}\u2028\u2029\ufeff]/u.test(text)) {
    return JSON.stringify(text);
  }
  if (looksLikeAnotherType(text)) {
    return `"${text}"`;
  }
  const plain =
    !/^[\s!&*{}[\],#|>@`"'%]|^[-?:](?:\s|$)|^(?:---|\.\.\.)/.test(text) &&
    !/:(?:\s|$)|\s#|\s$/.test(text);
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Within brackets commas and brackets end a plain text. */
function flowText(text: string): string {
  const quoted = yamlText(text);
  return quoted === text && /[[\]{},]/.test(text) ? `'${text.replaceAll("'", "''")}'` : quoted;
}

/** Numbers, words for true, false and nothing, and no text at all. */
function looksLikeAnotherType(text: string): boolean {
  return (
    /^(?:|~|null|true|false|yes|no|on|off|y|n|<<)$/i.test(text) ||
    /^[-+]?(?:\.?\d[\d_.,:]*(?:e[-+]?\d+)?|0[xob][\da-f_]+|\.inf|\.nan)$/i.test(text)
  );
}
