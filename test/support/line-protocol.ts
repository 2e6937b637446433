/**
 * A strict reader of InfluxDB line protocol for tests, written from the format's documentation and sharing nothing with
 * `src/`:
 *
 *   measurement[,tag=value]... field=value[,field=value]... [time]\n
 *
 * Backslash escapes: comma and space in a measurement; comma, equals sign and space in tag keys, tag values and field keys
 * (a double quote too in field keys); double quote and backslash in string values. A backslash before anything else is
 * itself. What it refuses although servers may take it: invalid UTF-8, repeated tag or field keys, empty keys and tag values,
 * numbers that are not finite, a time outside int64.
 */

export type FieldValue =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int" | "uint"; readonly value: bigint }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string };

export interface Point {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** Nanoseconds; undefined where the line has none. */
  readonly time: bigint | undefined;
}

/** Points of a whole body. Throws at the first line it cannot read, saying which. */
export function readLineProtocol(body: Uint8Array | string): readonly Point[] {
  const text =
    typeof body === "string"
      ? body
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  const cursor = new Cursor(text);
  const points: Point[] = [];
  while (cursor.skipToLine()) {
    points.push(cursor.point());
  }
  return points;
}

const ESCAPED_IN_MEASUREMENT = ", ";
const ESCAPED_IN_TAG = ",= ";
const ESCAPED_IN_FIELD_KEY = ',= "';
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Moves past blank lines and comments; false at the end of the text. */
  skipToLine(): boolean {
    for (;;) {
      this.#skipSpaces();
      const next = this.#text[this.#at];
      if (next === undefined) {
        return false;
      }
      if (next === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end + 1;
      } else if (next === "\n") {
        this.#at += 1;
      } else {
        return true;
      }
    }
  }

  point(): Point {
    const measurement = this.#word(", ", ESCAPED_IN_MEASUREMENT);
    if (measurement === "") {
      this.#fail("no measurement");
    }
    const tags = new Map<string, string>();
    while (this.#take(",")) {
      const key = this.#key(tags, ESCAPED_IN_TAG);
      const value = this.#word(", ", ESCAPED_IN_TAG, "=");
      if (value === "") {
        this.#fail(`tag ${key} has no value`);
      }
      tags.set(key, value);
    }
    if (!this.#take(" ")) {
      this.#fail("no fields");
    }
    this.#skipSpaces();
    const fields = new Map<string, FieldValue>();
    do {
      const key = this.#key(fields, ESCAPED_IN_FIELD_KEY);
      fields.set(key, this.#fieldValue());
    } while (this.#take(","));
    return { measurement, tags, fields, time: this.#time() };
  }

  #key(known: ReadonlyMap<string, unknown>, escaped: string): string {
    const key = this.#word("=", escaped, ", ");
    if (!this.#take("=")) {
      this.#fail(`no value for ${JSON.stringify(key)}`);
    }
    if (key === "") {
      this.#fail("an empty key");
    }
    if (known.has(key)) {
      this.#fail(`${JSON.stringify(key)} twice`);
    }
    return key;
  }

  /** Up to an unescaped character of `ends` or the line's end; an unescaped one of `refused` is an error. */
  #word(ends: string, escaped: string, refused = ""): string {
    let word = "";
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === "\n" || ends.includes(next)) {
        return word;
      }
      if (refused.includes(next)) {
        this.#fail(`unexpected ${JSON.stringify(next)}`);
      }
      const after = this.#text[this.#at + 1];
      if (next === "\\" && after !== undefined && escaped.includes(after)) {
        word += after;
        this.#at += 2;
      } else {
        word += next;
        this.#at += 1;
      }
    }
  }

  #fieldValue(): FieldValue {
    if (this.#take('"')) {
      return { type: "string", value: this.#quoted() };
    }
    const literal = this.#literal();
    if (BOOLEANS.has(literal)) {
      return { type: "bool", value: /^[tT]/.test(literal) };
    }
    if (/^-?\d+i$/.test(literal)) {
      return { type: "int", value: this.#integer(literal.slice(0, -1), INT64_MIN, INT64_MAX) };
    }
    if (/^\d+u$/.test(literal)) {
      return { type: "uint", value: this.#integer(literal.slice(0, -1), 0n, UINT64_MAX) };
    }
    const value = Number(literal);
    if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(literal) || !Number.isFinite(value)) {
      this.#fail(`${JSON.stringify(literal)} is no field value`);
    }
    return { type: "float", value };
  }

  #quoted(): string {
    let value = "";
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined) {
        this.#fail("a string without an end");
      }
      const after = this.#text[this.#at + 1];
      if (next === '"') {
        this.#at += 1;
        return value;
      }
      if (next === "\\" && (after === '"' || after === "\\")) {
        value += after;
        this.#at += 2;
      } else {
        value += next;
        this.#at += 1;
      }
    }
  }

  #time(): bigint | undefined {
    let time: bigint | undefined;
    if (this.#take(" ")) {
      this.#skipSpaces();
      const literal = this.#literal();
      if (literal !== "") {
        if (!/^-?\d+$/.test(literal)) {
          this.#fail(`${JSON.stringify(literal)} is no time`);
        }
        time = this.#integer(literal, INT64_MIN, INT64_MAX);
        this.#skipSpaces();
      }
    }
    if (this.#at < this.#text.length && !this.#take("\n")) {
      this.#fail(`unexpected ${JSON.stringify(this.#text[this.#at])} at the end of the line`);
    }
    return time;
  }

  #integer(digits: string, least: bigint, most: bigint): bigint {
    const value = BigInt(digits);
    if (value < least || value > most) {
      this.#fail(`${digits} is out of range`);
    }
    return value;
  }

  /** Up to a comma, a space or the line's end. */
  #literal(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !", \n".includes(this.#text[this.#at] ?? "")) {
      this.#at += 1;
    }
    return this.#text.slice(start, this.#at);
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === " ") {
      this.#at += 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) {
      return false;
    }
    this.#at += 1;
    return true;
  }

  #fail(reason: string): never {
    const before = this.#text.slice(0, this.#at);
    const start = before.lastIndexOf("\n") + 1;
    const line = before.split("\n").length;
    const excerpt = this.#text.slice(start, start + 200);
    throw new Error(`line ${line}, column ${this.#at - start + 1}: ${reason} in ${excerpt}`);
  }
}

const BOOLEANS = new Set(["t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"]);
