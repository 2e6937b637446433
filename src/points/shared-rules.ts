import { md5Tail } from "../md5-tail.ts";
import { RelabelProgram } from "../rules/relabel/relabel-program.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import { compilePatterns, type RulePatterns, RulesProgram } from "../rules/rules-program.ts";

/** The rules of one target, compiled. */
export interface CompiledTarget {
  readonly program: RulesProgram;
  readonly relabel: readonly RelabelProgram[];
}

interface Shared {
  readonly key: string;
  readonly patterns: RulePatterns;
  readonly relabel: readonly RelabelProgram[];
  targets: number;
}

/**
 * The compiled rules of a lane's targets. Targets whose rules differ in tags only share patterns
 * and relabel programs, with the answers these remember: 50 targets with 1,000 rules each took 296
 * MiB when each compiled its own.
 */
export class SharedRules {
  readonly #byKey = new Map<string, Shared>();
  readonly #byRules = new Map<CompiledTarget, Shared>();

  /** Sets of rules that are held compiled. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Held until `release`. */
  take(config: RulesConfig): CompiledTarget {
    const key = JSON.stringify({ ...config, addedTags: [], overridingTags: {} });
    const shared = this.#byKey.get(key) ?? compile(key, config);
    shared.targets++;
    this.#byKey.set(key, shared);
    const { patterns, relabel } = shared;
    const rules = { program: new RulesProgram(config, patterns), relabel };
    this.#byRules.set(rules, shared);
    return rules;
  }

  release(rules: CompiledTarget): void {
    const shared = this.#byRules.get(rules);
    if (shared === undefined) {
      return;
    }
    this.#byRules.delete(rules);
    shared.targets--;
    if (shared.targets === 0) {
      this.#byKey.delete(shared.key);
    }
  }
}

function compile(key: string, config: RulesConfig): Shared {
  return {
    key,
    patterns: compilePatterns(config, []),
    relabel: compileRelabel(config),
    targets: 0,
  };
}

/** The relabel programs that samples of an input go through, in order. */
export function compileRelabel(config: RulesConfig): readonly RelabelProgram[] {
  return (config.series?.relabel ?? []).map((one) => new RelabelProgram(one, md5Tail));
}
