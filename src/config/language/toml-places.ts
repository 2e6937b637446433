import { parse } from "@iarna/toml";

/**
 * Where a table, key or value of a TOML text is. Offsets are UTF-16 units from the start of the text.
 *
 * The parser gives values without positions, so this walks the same text once more and only finds out where things are;
 * `matches` compares what it found with what the parser read, and where they differ nobody is told a position.
 */
export interface Place {
  /** Of the key, or of the value for an element of a list. */
  readonly offset: number;
  /** Of the `[` of the header that declares the table. */
  header?: number;
  /** The value, end exclusive. Absent for tables that headers or dotted keys make. */
  value?: { readonly start: number; readonly end: number };
  keys?: Map<string, Place>;
  elements?: Place[];
}

interface Segment {
  readonly name: string;
  readonly offset: number;
}

/** Deeper nesting gets no positions: annotations are hostile and this walk is recursive. */
const DEEPEST = 64;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
/** Where the value of a number, date or boolean ends. */
const SCALAR_END = /[,\]}#\n]|$/g;

/** The places of a text that the TOML parser accepts; undefined where the walk lost its way. */
export function findPlaces(text: string): Place | undefined {
  const scan = new Scan(text);
  return scan.document() ? scan.root : undefined;
}

/** The last key that begins before `offset` in a text that may be broken there, for saying what an error is about. */
export function lastKeyBefore(text: string, offset: number): Segment | undefined {
  const scan = new Scan(text.slice(0, offset));
  scan.document();
  return scan.lastKey;
}

/** Whether the places have exactly the tables, keys and lists of the parsed value. */
export function matches(place: Place, value: unknown): boolean {
  if (Array.isArray(value)) {
    const elements = place.elements ?? [];
    return (
      place.keys === undefined &&
      elements.length === value.length &&
      elements.every((element, index) => matches(element, value[index]))
    );
  }
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    const keys = place.keys ?? new Map<string, Place>();
    const names = Object.keys(value);
    return (
      place.elements === undefined &&
      keys.size === names.length &&
      names.every((name) => {
        const child = keys.get(name);
        return child !== undefined && matches(child, Reflect.get(value, name));
      })
    );
  }
  return place.keys === undefined && place.elements === undefined;
}

class Scan {
  readonly root: Place = { offset: 0, keys: new Map() };
  lastKey: Segment | undefined;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Walks to the end; false where something was not TOML as this walk knows it. */
  document(): boolean {
    let table = this.root;
    for (;;) {
      this.#skipBlank(true);
      if (this.#at >= this.#text.length) {
        return true;
      }
      if (this.#text[this.#at] === "[") {
        const opened = this.#header();
        if (opened === undefined) {
          return false;
        }
        table = opened;
      } else if (!this.#assignment(table, 0)) {
        return false;
      }
    }
  }

  #header(): Place | undefined {
    const header = this.#at;
    const isList = this.#text.startsWith("[[", header);
    this.#at += isList ? 2 : 1;
    const path = this.#path();
    const last = path?.pop();
    this.#skipBlank(false);
    if (path === undefined || last === undefined || !this.#take(isList ? "]]" : "]")) {
      return undefined;
    }
    const parent = descend(this.root, path);
    const place = ensure(parent, last);
    if (!isList) {
      place.header ??= header;
      place.keys ??= new Map();
      return place;
    }
    const element: Place = { offset: header, header, keys: new Map() };
    place.elements ??= [];
    place.elements.push(element);
    return element;
  }

  #assignment(table: Place, depth: number): boolean {
    const path = this.#path();
    const last = path?.pop();
    if (path === undefined || last === undefined || !this.#take("=")) {
      return false;
    }
    this.#skipBlank(false);
    return this.#value(ensure(descend(table, path), last), depth);
  }

  #value(place: Place, depth: number): boolean {
    const start = this.#at;
    if (depth > DEEPEST || !this.#skipValue(place, depth)) {
      return false;
    }
    place.value = { start, end: this.#at };
    return true;
  }

  #skipValue(place: Place, depth: number): boolean {
    switch (this.#text[this.#at]) {
      case '"':
      case "'":
        return this.#string();
      case "[":
        return this.#list(place, depth);
      case "{":
        return this.#inlineTable(place, depth);
      default: {
        SCALAR_END.lastIndex = this.#at;
        const end = SCALAR_END.exec(this.#text)?.index ?? this.#text.length;
        const moved = end > this.#at;
        this.#at = end;
        return moved;
      }
    }
  }

  #list(place: Place, depth: number): boolean {
    place.elements = [];
    this.#at += 1;
    for (;;) {
      this.#skipBlank(true);
      if (this.#take("]")) {
        return true;
      }
      const element: Place = { offset: this.#at };
      place.elements.push(element);
      if (!this.#value(element, depth + 1)) {
        return false;
      }
      this.#skipBlank(true);
      if (!this.#take(",") && this.#text[this.#at] !== "]") {
        return false;
      }
    }
  }

  #inlineTable(place: Place, depth: number): boolean {
    place.keys = new Map();
    this.#at += 1;
    for (;;) {
      this.#skipBlank(false);
      if (this.#take("}")) {
        return true;
      }
      if (!this.#assignment(place, depth + 1)) {
        return false;
      }
      this.#skipBlank(false);
      if (!this.#take(",") && this.#text[this.#at] !== "}") {
        return false;
      }
    }
  }

  /** A dotted key with the blanks around it. */
  #path(): Segment[] | undefined {
    const path: Segment[] = [];
    do {
      this.#skipBlank(false);
      const segment = this.#segment();
      if (segment === undefined) {
        return undefined;
      }
      if (path.length > DEEPEST) {
        return undefined;
      }
      this.lastKey = segment;
      path.push(segment);
      this.#skipBlank(false);
    } while (this.#take("."));
    return path;
  }

  #segment(): Segment | undefined {
    const offset = this.#at;
    const quote = this.#text[offset];
    if (quote === '"' || quote === "'") {
      return this.#string() ? quotedKey(this.#text.slice(offset, this.#at), offset) : undefined;
    }
    BARE_KEY.lastIndex = offset;
    const name = BARE_KEY.exec(this.#text)?.[0];
    if (name === undefined) {
      return undefined;
    }
    this.#at += name.length;
    return { name, offset };
  }

  #string(): boolean {
    const quote = this.#text[this.#at] ?? "";
    const triple = quote.repeat(3);
    const isTriple = this.#text.startsWith(triple, this.#at);
    const close = isTriple ? triple : quote;
    this.#at += close.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(close, this.#at)) {
      this.#at += quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1;
    }
    if (!this.#take(close)) {
      return false;
    }
    // Up to two quotes may stand right before the closing three.
    for (let extra = 0; isTriple && extra < 2 && this.#take(quote); extra++);
    return true;
  }

  #take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) {
      return false;
    }
    this.#at += expected.length;
    return true;
  }

  /** Blanks; with `lines` also line ends and comments. */
  #skipBlank(lines: boolean): void {
    const blank = lines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /[ \t]*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
  }
}

/** The table that the segments lead to; of a list of tables the last one, as in TOML. */
function descend(from: Place, path: readonly Segment[]): Place {
  let place = from;
  for (const segment of path) {
    const child = ensure(place, segment);
    place = child.elements?.at(-1) ?? child;
    place.keys ??= new Map();
  }
  return place;
}

function ensure(table: Place, segment: Segment): Place {
  table.keys ??= new Map();
  const known = table.keys.get(segment.name);
  if (known !== undefined) {
    return known;
  }
  const made: Place = { offset: segment.offset };
  table.keys.set(segment.name, made);
  return made;
}

/** Lets the parser itself say what a quoted key means. */
function quotedKey(source: string, offset: number): Segment | undefined {
  try {
    const { name } = parse(`name = ${source}`);
    return typeof name === "string" ? { name, offset } : undefined;
  } catch {
    return undefined;
  }
}
