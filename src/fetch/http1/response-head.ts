import { type FetchFault, fault } from "../fetch-fault.ts";
import { isFieldName } from "./field-syntax.ts";

/** The head of an answer, of its fields those that a scrape goes by. A field that came several times is one list (RFC 9110, 5.3). */
export interface ResponseHead {
  /** Of HTTP/1. */
  readonly minor: 0 | 1;
  readonly status: number;
  readonly fields: Readonly<Partial<Record<KnownField, string>>>;
}

/** Of several of these the first counts; the others are lists. */
const SINGLE = ["content-type", "location"] as const;
const LISTS = [
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
] as const;

type KnownField = (typeof SINGLE)[number] | (typeof LISTS)[number];

const KNOWN: ReadonlyMap<string, KnownField> = new Map(
  [...SINGLE, ...LISTS].map((name) => [name, name]),
);
const FIRST_COUNTS: ReadonlySet<KnownField> = new Set(SINGLE);

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/s;
/** A CR that ends no line, and control characters that no field may have (RFC 9112, 2.2; RFC 9110, 5.5). */
const FORBIDDEN = /\r(?!\n)|[^\t\r\n\x20-\x7e\x80-\xff]/;

/**
 * Reads the head of an answer: status line and fields, each byte one character, up to and without the empty line. Lines end
 * with LF or CRLF. Folded lines are joined by a space, as a user agent has to (RFC 9112, 5.2).
 */
export function parseHead(text: string): ResponseHead | FetchFault {
  if (FORBIDDEN.test(text)) {
    return fault("protocol", "the head of the answer has a control character");
  }
  const lines = text.split("\n");
  const status = STATUS_LINE.exec(withoutCr(lines[0] ?? ""));
  if (status === null) {
    return fault("protocol", "the answer does not begin with a status line of HTTP/1");
  }
  const fields: Partial<Record<KnownField, string>> = {};
  for (let at = 1; at < lines.length; ) {
    let line = withoutCr(lines[at] ?? "");
    for (at++; isFold(lines[at]); at++) {
      line += ` ${withoutCr(lines[at] ?? "")}`;
    }
    if (!addField(fields, line)) {
      return fault("protocol", "the head of the answer has a line that is no field");
    }
  }
  return { minor: status[1] === "1" ? 1 : 0, status: Number(status[2]), fields };
}

/** False: no field. A blank before the colon is none either: parties read such a line differently (RFC 9112, 5.1). */
function addField(fields: Partial<Record<KnownField, string>>, line: string): boolean {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isFieldName(name)) {
    return false;
  }
  const known = KNOWN.get(name.toLowerCase());
  if (known === undefined) {
    return true;
  }
  const value = withoutBlanks(line.slice(colon + 1));
  const before = fields[known];
  if (before === undefined) {
    fields[known] = value;
  } else if (!FIRST_COUNTS.has(known)) {
    fields[known] = `${before},${value}`;
  }
  return true;
}

/** Without spaces and tabs around it. Not `trim`, which takes more, nor a pattern, which takes the square of many blanks. */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) {
    start++;
  }
  while (end > start && isBlank(text[end - 1])) {
    end--;
  }
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function isFold(line: string | undefined): boolean {
  return isBlank(line?.[0]);
}

function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
