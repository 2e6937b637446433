/** What `once` printed, in numbers. Lines are those of our own encoder. */
export class OnceTotals {
  points = 0;
  readonly #measurements = new Set<string>();
  readonly #series = new Set<number>();

  /** Takes whole lines. */
  add(lines: string): void {
    for (const line of lines.split("\n")) {
      if (line !== "") {
        this.#addLine(line);
      }
    }
  }

  /** Distinct measurement, tags and field. */
  get series(): number {
    return this.#series.size;
  }

  /** Sorted. */
  get measurements(): string[] {
    return [...this.#measurements].sort();
  }

  #addLine(line: string): void {
    this.points++;
    const key = upTo(line, " ");
    const fields = line.slice(key.length + 1, line.lastIndexOf(" "));
    this.#measurements.add(upTo(key, ",").replace(/\\([, ])/g, "$1"));
    let rest = fields;
    while (rest !== "") {
      const field = upTo(rest, ",");
      this.#series.add(hash(`${key} ${upTo(field, "=")}`));
      rest = rest.slice(field.length + 1);
    }
  }
}

/** `text` up to the first `delimiter` that no backslash escapes. */
function upTo(text: string, delimiter: string): string {
  let at = text.indexOf(delimiter);
  while (at > 0 && text[at - 1] === "\\") {
    at = text.indexOf(delimiter, at + 1);
  }
  return at === -1 ? text : text.slice(0, at);
}

/** 53 bits of two multiplicative hashes: a million series collide once in twenty thousand runs. */
function hash(text: string): number {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  low = Math.imul(low ^ (high >>> 15), 2246822507);
  high = Math.imul(high ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}
