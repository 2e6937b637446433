// biome-ignore-all lint/suspicious/noControlCharactersInRegex: TOML allows them in no literal string
import fc from "fast-check";

/** A TOML text and where its writer put the keys: path (`."a"[0]."b"`) and offset. */
export interface Written {
  readonly text: string;
  readonly keys: ReadonlyMap<string, number>;
}

type Tree = { readonly [name: string]: Value };
type Value = string | number | boolean | readonly Value[] | Tree;

const name = fc
  .oneof(
    { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  )
  .filter(
    (text) =>
      text !== "__proto__" &&
      !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, "")),
  );

const { value: anyValue } = fc.letrec<{ value: Value; leaf: Value; list: Value[]; table: Tree }>(
  (tie) => ({
    value: fc.oneof({ maxDepth: 3 }, tie("leaf"), tie("list"), tie("table")),
    leaf: fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.constantFrom('#"]', "a'b", '"""', "line\nline", "=[[x]]", "\\", "{", "}"),
    ),
    list: fc.array(tie("value"), { maxLength: 3 }),
    table: fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  }),
);

const blank = fc.constantFrom("", " ", "\t", "  ");
const lines = fc.constantFrom("\n", "\n\n", " # [x] = \"'''\n", "\n# a = 1\n", "\r\n");

/** Any document: top-level values, then tables and lists of tables with headers, written in any of the ways TOML has. */
export const writtenDocument: fc.Arbitrary<Written> = fc
  .tuple(
    fc.dictionary(name, anyValue, { maxKeys: 4, noNullPrototype: true }),
    fc.dictionary(name, fc.dictionary(name, anyValue, { maxKeys: 3, noNullPrototype: true }), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    fc.dictionary(
      name,
      fc.array(fc.dictionary(name, anyValue, { maxKeys: 3, noNullPrototype: true }), {
        minLength: 1,
        maxLength: 3,
      }),
      { maxKeys: 3, noNullPrototype: true },
    ),
    fc.infiniteStream(fc.tuple(blank, lines, fc.nat(5))),
  )
  .map(([top, tables, lists, choices]) => {
    const writer = new Writer(choices[Symbol.iterator]());
    writer.assignments(top, "");
    for (const [key, table] of Object.entries(tables)) {
      if (!Object.hasOwn(top, key)) {
        writer.table(key, table);
      }
    }
    for (const [key, elements] of Object.entries(lists)) {
      if (!Object.hasOwn(top, key) && !Object.hasOwn(tables, key)) {
        writer.list(key, elements);
      }
    }
    return { text: writer.text, keys: writer.keys };
  });

class Writer {
  text = "";
  readonly keys = new Map<string, number>();
  readonly #choices: Iterator<readonly [blank: string, lines: string, style: number]>;

  constructor(choices: Iterator<readonly [blank: string, lines: string, style: number]>) {
    this.#choices = choices;
  }

  table(key: string, table: Tree): void {
    this.text += `[${this.#choice()[0]}`;
    const path = this.#key(key, "");
    this.text += `${this.#choice()[0]}]${this.#choice()[1]}`;
    this.#body(key, table, path);
  }

  list(key: string, elements: readonly Tree[]): void {
    let path = "";
    for (const [index, element] of elements.entries()) {
      const header = this.text.length;
      this.text += "[[";
      const own = this.#key(key, "", index === 0);
      path = own;
      this.keys.set(`${path}[${index}]`, header);
      this.text += `${this.#choice()[0]}]]${this.#choice()[1]}`;
      this.#body(key, element, `${path}[${index}]`);
    }
  }

  /** What follows a header. Tables in it may get headers of their own, after the other keys. */
  #body(header: string, table: Tree, path: string): void {
    const entries = Object.entries(table);
    const own = entries.filter(([, value]) => isTree(value) && this.#choice()[2] < 3);
    const names = new Set(own.map(([key]) => key));
    this.assignments(Object.fromEntries(entries.filter(([key]) => !names.has(key))), path);
    for (const [key, value] of own) {
      this.text += "[";
      this.#key(header, "", false);
      this.text += ` . `;
      const below = this.#key(key, path);
      this.text += `]${this.#choice()[1]}`;
      this.assignments(value as Tree, below);
    }
  }

  assignments(table: Tree, path: string): void {
    for (const [key, value] of Object.entries(table)) {
      this.text += this.#choice()[0];
      this.#assignment(key, value, path);
      this.text += this.#choice()[1];
    }
  }

  /** A table of one or more keys may be written as dotted keys. */
  #assignment(key: string, value: Value, path: string): void {
    const own = this.#key(key, path);
    const entries = isTree(value) ? Object.entries(value) : [];
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && this.#choice()[2] < 3) {
      this.text += `${this.#choice()[0]}.${this.#choice()[0]}`;
      this.#assignment(only[0], only[1], own);
      return;
    }
    this.text += `${this.#choice()[0]}=${this.#choice()[0]}`;
    this.#value(value, own);
  }

  #key(key: string, path: string, remember = true): string {
    const own = `${path}.${JSON.stringify(key)}`;
    if (remember) {
      this.keys.set(own, this.text.length);
    }
    const bare = /^[A-Za-z0-9_-]+$/.test(key) && this.#choice()[2] < 4;
    const literal = !/['\u0000-\u001f\u007f]/.test(key) && this.#choice()[2] < 3;
    this.text += bare ? key : literal ? `'${key}'` : quoted(key);
    return own;
  }

  #value(value: Value, path: string): void {
    if (typeof value === "string") {
      this.#string(value);
    } else if (Array.isArray(value)) {
      this.text += "[";
      for (const [index, element] of value.entries()) {
        this.text += this.#choice()[2] < 2 ? this.#choice()[1] : this.#choice()[0];
        this.keys.set(`${path}[${index}]`, this.text.length);
        this.#value(element, `${path}[${index}]`);
        this.text += `${this.#choice()[0]},`;
      }
      this.text += `${this.#choice()[0]}]`;
    } else if (typeof value === "object") {
      this.text += "{";
      for (const [index, [key, element]] of Object.entries(value).entries()) {
        this.text += `${index === 0 ? "" : ","}${this.#choice()[0]}`;
        this.#assignment(key, element, path);
        this.text += this.#choice()[0];
      }
      this.text += "}";
    } else {
      this.text += String(value);
    }
  }

  #string(value: string): void {
    const [, , style] = this.#choice();
    if (style === 0 && !/'{3}|'$|[\u0000-\u0008\u000b-\u001f\u007f]/.test(value)) {
      this.text += `'''\n${value}'''`;
    } else if (style === 1) {
      this.text += `"""${quoted(value).slice(1, -1).replaceAll("\\n", "\n")}"""`;
    } else if (style === 2 && !/['\u0000-\u001f\u007f]/.test(value)) {
      this.text += `'${value}'`;
    } else {
      this.text += quoted(value);
    }
  }

  #choice(): readonly [blank: string, lines: string, style: number] {
    return this.#choices.next().value ?? ["", "\n", 0];
  }
}

function isTree(value: Value): value is Tree {
  return typeof value === "object" && !Array.isArray(value);
}

/** JSON's escapes are TOML's, but for DEL. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
