/** `unknown` is `untyped`, `stateset` is `gauge`, `gaugehistogram` is `histogram`. */
export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "untyped" | "info";

/** What a sample is within its family. `scalar`: it stands alone. */
export type SamplePart = "scalar" | "bucket" | "sum" | "count" | "quantile" | "info";

export interface SampleRole {
  readonly family: string;
  readonly type: MetricType;
  readonly part: SamplePart;
}

export const INFO_SUFFIX = "_info";

/**
 * For each suffix a sample may add to its family's name, the types that have such samples and what
 * they are.
 */
const SUFFIX_PARTS: ReadonlyMap<string, Partial<Record<MetricType, SamplePart>>> = new Map([
  ["_total", { counter: "scalar" }],
  ["_created", { counter: "scalar", histogram: "scalar", summary: "scalar" }],
  ["_bucket", { histogram: "bucket" }],
  ["_sum", { histogram: "sum", summary: "sum" }],
  ["_count", { histogram: "count", summary: "count" }],
  ["_gsum", { histogram: "scalar" }],
  ["_gcount", { histogram: "scalar" }],
] as const);

/** The name under which a declaration is kept. */
export function declaredName(family: string, type: MetricType): string {
  return type === "info" && !family.endsWith(INFO_SUFFIX) ? family + INFO_SUFFIX : family;
}

/**
 * The declared names that decide the role of a sample, and nothing else does: itself, without its
 * suffix, as an info family.
 */
export function decidingNames(
  sampleName: string,
): readonly [self: string, family: string | undefined, info: string] {
  const cut = sampleName.lastIndexOf("_");
  const hasSuffix = cut > 0 && SUFFIX_PARTS.has(sampleName.slice(cut));
  return [sampleName, hasSuffix ? sampleName.slice(0, cut) : undefined, sampleName + INFO_SUFFIX];
}

/**
 * The declaration of a family may decide the role of the samples that have its name with one of
 * these behind it, and with `INFO_SUFFIX` taken away where it ends so.
 */
export const DECIDED_SUFFIXES: readonly string[] = ["", ...SUFFIX_PARTS.keys()];

/** UTF-16 units of declared names, 8 MiB at most; as much again for names looked up. */
const MAX_NAME_UNITS = 4 * 1024 * 1024;
/** Sample names remembered for each family the table may hold: a histogram has three and a bit. */
const LOOKUPS_PER_FAMILY = 4;

interface Declaration {
  type: MetricType;
  /** Declared again since it was last the youngest. */
  again: boolean;
}

/** One role for samples with a `quantile` label, one for those without. */
interface Lookup {
  /** It holds for what was declared when the table had this version. */
  version: number;
  readonly bare: SampleRole;
  readonly quantile: SampleRole;
}

/**
 * The types a page has declared so far. A sample whose name no declaration covers is a scalar of an
 * untyped family of its own name. Families may come interleaved and be declared again (the last
 * type wins); at most `maxFamilies` declarations are held, and `maxNameUnits` UTF-16 units of their
 * names: the oldest is forgotten first.
 *
 * An exact name wins over a suffix: where `x` is a histogram and `x_sum` a gauge, `x_sum` is the
 * gauge. `TYPE x info` declares the family `x_info`. `x_created`, `x_gsum` and `x_gcount` are
 * scalars of the family `x`.
 */
export class FamilyTable {
  readonly maxFamilies: number;
  private readonly maxNameUnits: number;
  /**
   * Never deleted and set again at once: the holes that a name leaves in V8's map are walked
   * through by every access to that name, and a page that repeats one declaration would take
   * quadratic time.
   */
  private readonly types = new Map<string, Declaration>();
  private oldest = this.types.entries();
  private typeNameUnits = 0;
  private version = 0;
  /** Answers given, by sample name. Dropped whole when full. */
  private readonly lookups = new Map<string, Lookup>();
  private lookupNameUnits = 0;

  constructor(maxFamilies: number, maxNameUnits = MAX_NAME_UNITS) {
    this.maxFamilies = maxFamilies;
    this.maxNameUnits = maxNameUnits;
  }

  reset(): void {
    this.types.clear();
    this.oldest = this.types.entries();
    this.typeNameUnits = 0;
    this.forgetLookups();
  }

  /** A `# TYPE name type` line. */
  declare(family: string, type: MetricType): void {
    const name = declaredName(family, type);
    const before = this.types.get(name);
    if (before?.type !== type) {
      this.version++;
    }
    if (before !== undefined) {
      before.type = type;
      before.again = true;
      return;
    }
    this.types.set(name, { type, again: false });
    this.typeNameUnits += name.length;
    while (this.types.size > this.maxFamilies || this.typeNameUnits > this.maxNameUnits) {
      this.forgetOldest();
    }
  }

  /**
   * The same object for the same answer, as long as the table is not full. Costs one map access for
   * a name seen since the last declaration that changed something, and up to four for one seen
   * before: less than looking, at each declaration, for the names that it can change.
   */
  roleOf(sampleName: string, hasQuantile: boolean): SampleRole {
    let lookup = this.lookups.get(sampleName);
    if (lookup === undefined) {
      lookup = this.lookUp(sampleName);
      this.remember(sampleName, lookup);
    } else if (lookup.version !== this.version) {
      lookup = this.renew(sampleName, lookup);
    }
    return hasQuantile ? lookup.quantile : lookup.bare;
  }

  private renew(name: string, before: Lookup): Lookup {
    const now = this.lookUp(name);
    if (isSame(before.bare, now.bare) && isSame(before.quantile, now.quantile)) {
      before.version = this.version;
      return before;
    }
    this.lookups.set(name, now);
    return now;
  }

  private lookUp(name: string): Lookup {
    const type = this.types.get(name)?.type;
    if (type !== undefined) {
      const bare: SampleRole = { family: name, type, part: type === "info" ? "info" : "scalar" };
      const quantile: SampleRole =
        type === "summary" ? { family: name, type, part: "quantile" } : bare;
      return { version: this.version, bare, quantile };
    }
    const role = this.roleBySuffix(name) ?? { family: name, type: "untyped", part: "scalar" };
    return { version: this.version, bare: role, quantile: role };
  }

  private roleBySuffix(name: string): SampleRole | undefined {
    const cut = name.lastIndexOf("_");
    const parts = cut > 0 ? SUFFIX_PARTS.get(name.slice(cut)) : undefined;
    if (parts !== undefined) {
      const family = name.slice(0, cut);
      const type = this.types.get(family)?.type;
      const part = type === undefined ? undefined : parts[type];
      if (type !== undefined && part !== undefined) {
        return { family, type, part };
      }
    }
    const infoName = name + INFO_SUFFIX;
    return this.types.get(infoName)?.type === "info"
      ? { family: infoName, type: "info", part: "info" }
      : undefined;
  }

  private remember(name: string, lookup: Lookup): void {
    if (
      this.lookups.size >= this.maxFamilies * LOOKUPS_PER_FAMILY ||
      this.lookupNameUnits + name.length > this.maxNameUnits
    ) {
      this.forgetLookups();
    }
    if (name.length <= this.maxNameUnits) {
      this.lookups.set(name, lookup);
      this.lookupNameUnits += name.length;
    }
  }

  /** Whoever was declared again meanwhile goes to the end of the line first. */
  private forgetOldest(): void {
    for (let next = this.oldest.next(); !next.done; next = this.oldest.next()) {
      const [name, declaration] = next.value;
      this.types.delete(name);
      if (!declaration.again) {
        this.typeNameUnits -= name.length;
        this.version++;
        return;
      }
      declaration.again = false;
      this.types.set(name, declaration);
    }
  }

  private forgetLookups(): void {
    this.lookups.clear();
    this.lookupNameUnits = 0;
  }
}

function isSame(left: SampleRole, right: SampleRole): boolean {
  return left.family === right.family && left.type === right.type && left.part === right.part;
}
