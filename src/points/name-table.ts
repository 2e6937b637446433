import type { FamilyTable, SampleRole } from "../exposition/family-table.ts";
import { knownText } from "../exposition/known-texts.ts";
import { labelText } from "../exposition/label-text.ts";
import type { SampleLine } from "../exposition/sample-line.ts";
import { encodeFieldKey, encodeMeasurement } from "../lineprotocol/escape.ts";
import type { FilterRule } from "../rules/filter-rule.ts";
import { type LabelName, sameBytes } from "../rules/label-table.ts";
import type { PointName } from "../rules/measurement-naming.ts";
import type { RulesProgram } from "../rules/rules-program.ts";
import { renamedRole } from "./renamed-role.ts";

/** A sample name whose samples make points, with what every one of them begins with. */
export interface KeptName {
  readonly kind: "kept";
  readonly role: SampleRole;
  readonly measurementText: string;
  readonly measurement: Uint8Array;
  /** Empty: nothing is left to name the field with. */
  readonly field: Uint8Array;
  readonly fieldLabel: LabelName;
}

export type ResolvedName =
  | KeptName
  | { readonly kind: "filtered"; readonly role: SampleRole; readonly rule: FilterRule }
  | { readonly kind: "info"; readonly role: SampleRole };

/** What no filter stopped. */
export type PassedName = Exclude<ResolvedName, { readonly kind: "filtered" }>;

/** Characters of distinct names remembered; past it the table starts over. */
const MAX_NAME_CHARACTERS = 1024 * 1024;
/** A table of which a page asks for less than this part is not worth its memory. */
const HARDLY = 8;
const QUANTILE = new TextEncoder().encode("quantile");
const NO_NAME = new Uint8Array(0);

/**
 * Interns the names of fields beside those of tags, so that a tag of a field's name is found at
 * once.
 */
export interface FieldLabels {
  fieldLabel(field: string): LabelName;
}

/**
 * What the rules say of each sample name: asked once for a name, answered from memory for the rest
 * of the run.
 */
export class NameTable {
  readonly #program: RulesProgram;
  readonly #labels: FieldLabels;
  readonly #known = new Map<string, ResolvedName>();
  /** Names after relabeling, by part and name. */
  readonly #renamed = new Map<string, KeptName>();
  #knownCharacters = 0;
  /** Questions of this page that were not those of the line before. */
  #asked = 0;
  #used = false;
  #lastBytes: Uint8Array = NO_NAME;
  #last: ResolvedName | undefined;

  constructor(program: RulesProgram, labels: FieldLabels) {
    this.#program = program;
    this.#labels = labels;
  }

  /** A page begins. */
  begin(): void {
    this.#asked = 0;
    this.forgetLast();
  }

  /**
   * The page is over. True where its names are not worth their 600 bytes each: a replay has learned
   * them with the first page, or it has answered for nearly all. What is asked for again comes back
   * and then stays.
   */
  end(): boolean {
    const isFirst = !this.#used && this.#asked > 0;
    this.#used ||= isFirst;
    return isFirst || this.#asked * HARDLY < this.#known.size;
  }

  /** Forgets every name. */
  reset(): void {
    this.#known.clear();
    this.#renamed.clear();
    this.#knownCharacters = 0;
    this.forgetLast();
  }

  /** A declaration may have changed what the name of the line before means. */
  forgetLast(): void {
    this.#last = undefined;
  }

  resolve(line: SampleLine, bytes: Uint8Array, families: FamilyTable): ResolvedName {
    const last = this.#last;
    if (
      last !== undefined &&
      last.role.type !== "summary" &&
      !line.nameEscaped &&
      sameBytes(this.#lastBytes, bytes, line.nameStart, line.nameEnd)
    ) {
      return last;
    }
    this.#asked++;
    const { nameStart, nameEnd, nameEscaped } = line;
    const known = nameEscaped ? undefined : knownText(bytes, nameStart, nameEnd);
    const name = known?.text ?? labelText(bytes, nameStart, nameEnd, true);
    let role = families.roleOf(name, false);
    if (role.type === "summary" && role.part === "scalar" && hasQuantile(line, bytes)) {
      role = families.roleOf(name, true);
    }
    const resolved = this.#of(name, role);
    this.#lastBytes = known?.bytes ?? NO_NAME;
    this.#last = known && resolved;
    return resolved;
  }

  #of(name: string, role: SampleRole): ResolvedName {
    const known = this.#known.get(name);
    if (known !== undefined && sameRole(known.role, role)) {
      return known;
    }
    if (this.#knownCharacters >= MAX_NAME_CHARACTERS) {
      this.reset();
    }
    this.#knownCharacters += name.length;
    const verdict = this.#program.verdict(role, name);
    const resolved: ResolvedName =
      verdict.kind === "kept" ? this.#kept(role, verdict) : { ...verdict, role };
    this.#known.set(name, resolved);
    return resolved;
  }

  /**
   * The same for a sample that relabeling gave this name: filters have been asked, naming begins
   * anew.
   */
  renamed(from: PassedName, name: string): PassedName {
    if (from.kind === "info") {
      return from;
    }
    const key = `${from.role.part} ${name}`;
    const known = this.#renamed.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#knownCharacters >= MAX_NAME_CHARACTERS) {
      this.reset();
    }
    this.#knownCharacters += name.length;
    const role = renamedRole(from.role, name);
    const kept = this.#kept(role, this.#program.named(role, name));
    this.#renamed.set(key, kept);
    return kept;
  }

  #kept(role: SampleRole, { measurement, field }: PointName): KeptName {
    return {
      kind: "kept",
      role,
      measurementText: measurement,
      measurement: encodeMeasurement(measurement),
      field: encodeFieldKey(field),
      fieldLabel: this.#labels.fieldLabel(field),
    };
  }
}

function sameRole(left: SampleRole, right: SampleRole): boolean {
  return (
    left === right ||
    (left.family === right.family && left.type === right.type && left.part === right.part)
  );
}

function hasQuantile(line: SampleLine, bytes: Uint8Array): boolean {
  for (let label = 0; label < line.labelCount; label++) {
    const start = line.spans[4 * label] as number;
    const end = line.spans[4 * label + 1] as number;
    if (sameBytes(QUANTILE, bytes, start, end)) {
      return true;
    }
  }
  return false;
}
