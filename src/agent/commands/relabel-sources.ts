import { readFile } from "node:fs/promises";
import { loadConfDir } from "../../config/input/conf-dir.ts";
import { parseRelabelYaml } from "../../config/input/relabel-yaml.ts";
import type { ConfigIssue } from "../../config/language/config-issue.ts";
import type { Environment } from "../../config/language/environment.ts";
import type { RelabelConfig } from "../../rules/relabel/relabel-program.ts";
import type { RelabelFlavour } from "../../rules/relabel/relabel-rule.ts";
import { targetRulesOf } from "../targets/target-relabel.ts";
import { globalSettings } from "./global-settings.ts";

/** The rules of one file of rules, or of one input of a drop-in. */
interface RelabelSource {
  readonly name: string;
  /** For samples. */
  readonly configs: readonly RelabelConfig[];
  /** For targets: `relabel_configs`. */
  readonly targetConfigs: readonly RelabelConfig[];
}

interface Found {
  readonly sources: readonly RelabelSource[];
  readonly issues: readonly ConfigIssue[];
}

/**
 * Rules of a YAML file, or those of each input of a drop-in; behind them, or without a file alone, those of the agent's settings
 * for all inputs. Never rejects.
 */
export async function relabelSources(
  file: string | undefined,
  flavour: RelabelFlavour,
  configFile: string | undefined,
  environment: Environment,
): Promise<Found> {
  const own = file === undefined ? undefined : await fileSources(file, flavour, environment);
  if (configFile === undefined) {
    return own ?? { sources: [], issues: [] };
  }
  const { settings, issues } = await globalSettings(configFile, environment);
  const { metricRelabel, targetRelabel } = settings;
  const alone = { name: configFile, configs: [], targetConfigs: [] };
  const sources = (own?.sources ?? [alone]).map(({ name, configs, targetConfigs }) => ({
    name,
    configs: [...configs, metricRelabel],
    targetConfigs: [...targetConfigs, targetRelabel],
  }));
  return { sources, issues: [...(own?.issues ?? []), ...issues] };
}

async function fileSources(
  file: string,
  flavour: RelabelFlavour,
  environment: Environment,
): Promise<Found> {
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

async function dropInSources(file: string, environment: Environment): Promise<Found> {
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
