import { readFile } from "node:fs/promises";
import { loadConfDir } from "../config/conf-dir.ts";
import type { Environment } from "../config/environment.ts";
import type { ConfigIssue } from "../config/prom-input.ts";
import { parseRelabelYaml } from "../config/relabel-yaml.ts";
import type { RelabelConfig } from "../rules/relabel/relabel-program.ts";
import type { RelabelFlavour } from "../rules/relabel/relabel-rule.ts";
import { targetRulesOf } from "./target-relabel.ts";

/** The rules of one file of rules, or of one input of a drop-in. */
export interface RelabelSource {
  readonly name: string;
  /** For samples. */
  readonly configs: readonly RelabelConfig[];
  /** For targets: `relabel_configs`. */
  readonly targetConfigs: readonly RelabelConfig[];
}

/** Rules of a YAML file, or those of each input of a drop-in. Never rejects. */
export async function relabelSources(
  file: string,
  flavour: RelabelFlavour,
  environment: Environment,
): Promise<{ sources: readonly RelabelSource[]; issues: readonly ConfigIssue[] }> {
  if (!/\.ya?ml$/.test(file)) {
    return dropInSources(file, environment);
  }
  try {
    const text = await readFile(file, "utf8");
    const { rules, targetRules, faults } = await parseRelabelYaml(text, { flavour, names: "utf8" });
    const configs = [{ flavour, rules }];
    const targetConfigs = [{ flavour, rules: targetRules }];
    return {
      sources: faults.length > 0 ? [] : [{ name: file, configs, targetConfigs }],
      issues: faults.map((fault) => ({ severity: "error", file, key: "", ...fault })),
    };
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    const message = `cannot be read (${String(code ?? "unknown reason")})`;
    return { sources: [], issues: [{ severity: "error", file, key: "", message }] };
  }
}

async function dropInSources(file: string, environment: Environment) {
  const { inputs, issues } = await loadConfDir(file, {
    ...environment,
    ENV_DATAKIT_INPUTS: undefined,
  });
  const sources = inputs.map(({ input, position }): RelabelSource => {
    const { flavour = "prometheus", metricRelabel = [], relabelFile } = input.series ?? {};
    const lists = [metricRelabel, relabelFile?.rules ?? []];
    const targetConfigs = targetRulesOf(input, { flavour, rules: [] });
    return {
      name: position === undefined ? file : `${file}:${position.line}`,
      configs: lists.map((rules) => ({ flavour, rules })),
      targetConfigs,
    };
  });
  return { sources, issues };
}
