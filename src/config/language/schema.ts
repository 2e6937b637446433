import type { Reading } from "./reading.ts";
import { didYouMean } from "./suggestion.ts";

/** How the value of a key is checked and read. */
export interface ValueType<T> {
  /** As the documentation calls it: `duration`, `list of patterns`. */
  readonly name: string;
  /** The value as the program wants it, or undefined once an error has been said. */
  read(raw: unknown, at: Reading): T | undefined;
  /** The raw value for a variable of the environment, where that is not the text itself. Undefined: it cannot be one. */
  readonly fromText?: (text: string) => unknown;
  /** Keys of the table (or of each table of the list), for the documentation and for masking. */
  readonly keys?: Schema;
  /** The value as a user would write it, where that is another text or number. */
  write?(value: T): unknown;
  /** What is read where the key is absent, in place of the default: sections have keys that the environment sets. */
  readonly absent?: unknown;
}

interface KeyNotes {
  /** Where the value goes in what is read of the table, `limits.samples`. Absent: only its reader knows. */
  readonly field?: string;
  /** Masked wherever it would be shown; for a map, its values. */
  readonly secret?: true;
  /** An address: shown with what may be a credential masked. */
  readonly address?: true;
  /** How DataKit differs, for the documentation. */
  readonly datakit?: string;
  /** Superseded: what to use. Not warned of, published configurations are full of them. */
  readonly insteadUse?: string;
  /** Its absence is an error. */
  readonly required?: true;
  /** Accepted and without effect: why, as the warning says it. */
  readonly noEffect?: string;
  /** Variables of the environment that win over the file, the first that is set. */
  readonly environment?: readonly string[];
  /** The default in words, where the value itself would not tell. */
  readonly defaultText?: string;
}

/** Everything there is to know about one key: type, default, documentation, secrecy. */
export interface Key<T> extends KeyNotes {
  readonly type: ValueType<unknown>;
  readonly fallback: T;
  readonly doc: string;
}

/** The keys of a table. One such value gives types, defaults, checks, documentation, masks and suggestions. */
export type Schema = Readonly<Record<string, Key<unknown>>>;

/** What reading a table by its schema yields: every key, defaults applied. */
export type Values<S extends Schema> = { readonly [K in keyof S]: S[K]["fallback"] };

export function key<T, const N extends KeyNotes = KeyNotes>(
  type: ValueType<T>,
  fallback: NoInfer<T>,
  doc: string,
  notes?: N,
): Key<T> & N {
  return { type, fallback, doc, ...notes } as Key<T> & N;
}

/** A key whose absence means something. */
export function optional<T>(
  type: ValueType<T>,
  doc: string,
  notes: KeyNotes = {},
): Key<T | undefined> {
  return { type, fallback: undefined, doc, ...notes };
}

/** A table within the table that is always there, with its own defaults. */
export function section<S extends Schema>(keys: S, doc: string): Key<Values<S>> {
  return { type: { ...table(keys), absent: {} }, fallback: defaults(keys), doc };
}

/** A table that may be absent. */
export function table<S extends Schema>(keys: S): ValueType<Values<S>> {
  return {
    name: "table",
    keys,
    read: (raw, at) => {
      if (!isTable(raw)) {
        return at.error(`${at.show(raw)} is not a table`);
      }
      return readTable(keys, raw, at);
    },
  };
}

/** The tables of `[[name]]`. */
export function tables<S extends Schema>(keys: S): ValueType<readonly Values<S>[]> {
  return {
    name: "list of tables",
    keys,
    read: (raw, at) => {
      if (!Array.isArray(raw) || !raw.every(isTable)) {
        return at.error("must be a list of tables, each written as [[…]]");
      }
      return raw.map((one, index) => readTable(keys, one, at.element(index)));
    },
  };
}

/** Reads every key of the schema; what is wrong is said, and the default stands in so that reading can go on. */
export function readTable<S extends Schema>(
  schema: S,
  raw: Readonly<Record<string, unknown>>,
  at: Reading,
): Values<S> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(schema)) {
    values[name] = readKey(spec, Object.hasOwn(raw, name) ? raw[name] : undefined, at, name);
  }
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(schema, name)) {
      at.child(name).warn(`unknown key, ignored${didYouMean(name, Object.keys(schema))}`);
    }
  }
  // Each value was read by the type of its key: the record has the shape that the schema describes.
  return values as Values<S>;
}

export function isTable(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

/** The text of a variable; an empty one counts as unset, as manifests often declare variables without a value. */
export function setVariable(at: Reading, name: string): string | undefined {
  const text = at.environment?.[name];
  return text === undefined || text === "" ? undefined : text;
}

function readKey(spec: Key<unknown>, raw: unknown, at: Reading, name: string): unknown {
  for (const variable of spec.environment ?? []) {
    const text = setVariable(at, variable);
    if (text !== undefined) {
      const here = at.variable(variable, hidden(spec));
      return readVariable(spec, text, here) ?? spec.fallback;
    }
  }
  const given = raw ?? spec.type.absent;
  if (given === undefined) {
    if (spec.required === true) {
      at.error(`needs ${name}`);
    }
    return spec.fallback;
  }
  const here = at.child(name, hidden(spec));
  if (raw !== undefined && spec.noEffect !== undefined) {
    here.warn(`has no effect: ${spec.noEffect}`);
  }
  return spec.type.read(given, here) ?? spec.fallback;
}

/** Whether messages must not show the value: addresses may carry credentials. */
function hidden(spec: Key<unknown>): boolean {
  return spec.secret === true || spec.address === true;
}

/** What is not shown may come from a file. */
function readVariable(spec: Key<unknown>, text: string, here: Reading): unknown {
  const opened = hidden(spec) ? here.opened(text) : text;
  return opened === undefined ? undefined : readText(spec, opened, here);
}

function readText(spec: Key<unknown>, text: string, here: Reading): unknown {
  if (spec.noEffect !== undefined) {
    here.warn(`has no effect: ${spec.noEffect}`);
  }
  const raw = spec.type.fromText === undefined ? text : spec.type.fromText(text);
  return spec.type.read(raw ?? text, here);
}

function defaults<S extends Schema>(keys: S): Values<S> {
  const pairs = Object.entries(keys).map(([name, spec]) => [name, spec.fallback]);
  return Object.fromEntries(pairs) as Values<S>;
}
