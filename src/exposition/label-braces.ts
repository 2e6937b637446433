import { skipBlanks } from "./byte-scan.ts";
import type { Dialect } from "./dialect.ts";
import type { DuplicateSlots } from "./duplicate-slots.ts";
import { labelText } from "./label-text.ts";
import type { LineFault } from "./line-fault.ts";
import type { SampleLine } from "./sample-line.ts";
import { isUtf8 } from "./utf8.ts";

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUAL = 0x3d;
const BACKSLASH = 0x5c;
const BRACE_CLOSE = 0x7d;
const NON_ASCII = 0x80;

/** Classes of the bytes of a label name without quotes, `[a-zA-Z_][a-zA-Z0-9_]*`. */
const LABEL_START = 1;
const LABEL_PART = 2;
const BYTE_CLASS = labelByteClasses();

const NAME_ESCAPED = 1;
const VALUE_ESCAPED = 2;

const RESERVED = "__name__";

/** As many as `DuplicateSlots` has: a constant of another file would cost the loop. */
const SLOT_COUNT = 512;
const MAX_STAMP = 0xffffffff;
const HASH_SEED = Math.floor(Math.random() * 2 ** 32);
const HASH_PRIME = 0x01000193;

/** What `parseBraces` answers instead of a position; `braceFault` says it in words. */
const NO_NAME = -1;
const NO_LABEL = -2;
const OPEN_ESCAPE = -3;
const DUPLICATE = -4;
const TOO_MANY = -5;
const NOT_UTF8 = -6;
const FAULTS: readonly LineFault[] = [
  "bad_name",
  "bad_label",
  "bad_escape",
  "duplicate_label",
  "too_many_labels",
  "bad_utf8",
];

/** The fault behind a negative answer of `parseBraces`. */
export function braceFault(answer: number): LineFault {
  return FAULTS[-1 - answer] ?? "bad_label";
}

/**
 * Parses from behind `{` to behind `}` and answers that position, or a negative number. Sets the
 * labels of `line`, and its name where it stands quoted in the braces.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: byte cursor, one pass with the position in a local
export function parseBraces(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: Dialect,
  line: SampleLine,
): number {
  const spans = line.spans;
  const escapes = line.escapes;
  const slots = line.duplicates.slots;
  const stamp = nextStamp(line.duplicates);
  const maxLabels = escapes.length;
  let count = 0;
  let at = start;
  let byte = 0;
  for (;;) {
    byte = at < end ? (bytes[at] as number) : 0;
    if (byte === SPACE || byte === TAB) {
      at = skipBlanks(bytes, at, end);
      byte = at < end ? (bytes[at] as number) : 0;
    }
    if (byte === BRACE_CLOSE) {
      line.labelCount = count;
      return at + 1;
    }

    const isQuoted = byte === QUOTE;
    let flags = 0;
    let nameStart = at;
    let nameEnd = 0;
    if (isQuoted) {
      nameStart = ++at;
      let high = 0;
      while (at < end) {
        byte = bytes[at] as number;
        if (byte === QUOTE) {
          break;
        }
        if (byte === BACKSLASH) {
          flags = NAME_ESCAPED;
          high = NON_ASCII;
          at++;
        }
        high |= byte;
        at++;
      }
      if (at >= end) {
        return at === end ? NO_LABEL : OPEN_ESCAPE;
      }
      nameEnd = at++;
      if ((high & NON_ASCII) !== 0 && !isUtf8(bytes, nameStart, nameEnd)) {
        return NOT_UTF8;
      }
    } else {
      if (((BYTE_CLASS[byte] as number) & LABEL_START) === 0) {
        if (byte === COMMA && dialect === "text" && isLoneComma(bytes, start, at, end)) {
          at++;
          continue;
        }
        return NO_LABEL;
      }
      at++;
      while (at < end && ((BYTE_CLASS[bytes[at] as number] as number) & LABEL_PART) !== 0) {
        at++;
      }
      nameEnd = at;
    }

    byte = at < end ? (bytes[at] as number) : 0;
    if (byte === SPACE || byte === TAB) {
      at = skipBlanks(bytes, at, end);
      byte = at < end ? (bytes[at] as number) : 0;
    }
    if (byte !== EQUAL) {
      // A quoted text that no `=` follows is the metric's name.
      if (!isQuoted || (byte !== COMMA && byte !== BRACE_CLOSE)) {
        return NO_LABEL;
      }
      if (line.nameEnd > line.nameStart || nameEnd === nameStart) {
        return NO_NAME;
      }
      line.nameStart = nameStart;
      line.nameEnd = nameEnd;
      line.nameEscaped = flags !== 0;
      if (byte === COMMA) {
        at++;
      }
      continue;
    }
    at++;

    byte = at < end ? (bytes[at] as number) : 0;
    if (byte === SPACE || byte === TAB) {
      at = skipBlanks(bytes, at, end);
      byte = at < end ? (bytes[at] as number) : 0;
    }
    if (byte !== QUOTE) {
      return NO_LABEL;
    }
    const valueStart = ++at;
    let high = 0;
    while (at < end) {
      byte = bytes[at] as number;
      if (byte === QUOTE) {
        break;
      }
      if (byte === BACKSLASH) {
        flags |= VALUE_ESCAPED;
        // The byte behind it is passed over unseen, so the whole value is looked at.
        high = NON_ASCII;
        at++;
      }
      high |= byte;
      at++;
    }
    if (at >= end) {
      return at === end ? NO_LABEL : OPEN_ESCAPE;
    }
    if ((high & NON_ASCII) !== 0 && !isUtf8(bytes, valueStart, at)) {
      return NOT_UTF8;
    }

    const length = nameEnd - nameStart;
    if (length === 0 || (length === RESERVED.length && isReserved(bytes, nameStart))) {
      return NO_LABEL;
    }
    if (count === maxLabels) {
      return TOO_MANY;
    }
    const slot =
      (length +
        (bytes[nameStart] as number) * 7 +
        (bytes[nameEnd - 1] as number) * 31 +
        (bytes[nameStart + (length >> 1)] as number) * 127) &
      (SLOT_COUNT - 1);
    if (
      (slots[slot] === stamp || (flags & NAME_ESCAPED) !== 0) &&
      hasName(bytes, nameStart, nameEnd, flags, line, count)
    ) {
      return DUPLICATE;
    }
    slots[slot] = stamp;
    const span = count * 4;
    spans[span] = nameStart;
    spans[span + 1] = nameEnd;
    spans[span + 2] = valueStart;
    spans[span + 3] = at;
    escapes[count] = flags;
    count++;
    at++;

    byte = at < end ? (bytes[at] as number) : 0;
    if (byte === SPACE || byte === TAB) {
      at = skipBlanks(bytes, at, end);
      byte = at < end ? (bytes[at] as number) : 0;
    }
    if (byte === COMMA) {
      at++;
    } else if (byte !== BRACE_CLOSE && dialect === "openmetrics") {
      return NO_LABEL;
    }
  }
}

function nextStamp(duplicates: DuplicateSlots): number {
  if (duplicates.stamp === MAX_STAMP) {
    duplicates.slots.fill(0);
    duplicates.stamp = 0;
  }
  duplicates.hashed = 0;
  return ++duplicates.stamp;
}

/** `{,}`, which some text exporters write for no label at all. */
function isLoneComma(bytes: Uint8Array, start: number, comma: number, end: number): boolean {
  const close = skipBlanks(bytes, comma + 1, end);
  return skipBlanks(bytes, start, end) === comma && close < end && bytes[close] === BRACE_CLOSE;
}

function isReserved(bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < RESERVED.length; index++) {
    if (bytes[start + index] !== RESERVED.charCodeAt(index)) {
      return false;
    }
  }
  return true;
}

/**
 * Whether one of the first `count` labels has this name. With escapes several texts spell one name,
 * but never one that can be spelled without.
 */
function hasName(
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
  line: SampleLine,
  count: number,
): boolean {
  const { spans, escapes } = line;
  const { hashes, hashed } = line.duplicates;
  for (let label = hashed; label < count; label++) {
    hashes[label] = nameHash(
      bytes,
      spans[label * 4] as number,
      spans[label * 4 + 1] as number,
      escapes[label] as number,
    );
  }
  line.duplicates.hashed = count;
  const hash = nameHash(bytes, start, end, flags);
  let name: string | undefined;
  for (let label = 0; label < count; label++) {
    if (hashes[label] === hash) {
      name ??= nameText(bytes, start, end, flags);
      const from = spans[label * 4] as number;
      const to = spans[label * 4 + 1] as number;
      if (nameText(bytes, from, to, escapes[label] as number) === name) {
        return true;
      }
    }
  }
  return false;
}

/** FNV-1a from a start that nobody outside knows, so that names cannot be made to collide. */
function nameHash(bytes: Uint8Array, start: number, end: number, flags: number): number {
  let hash = HASH_SEED;
  if ((flags & NAME_ESCAPED) !== 0) {
    const text = nameText(bytes, start, end, flags);
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME);
    }
    return hash >>> 0;
  }
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), HASH_PRIME);
  }
  return hash >>> 0;
}

function nameText(bytes: Uint8Array, start: number, end: number, flags: number): string {
  return labelText(bytes, start, end, (flags & NAME_ESCAPED) !== 0);
}

function labelByteClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let byte = 0; byte < classes.length; byte++) {
    const letter = byte | 0x20;
    if ((letter >= 0x61 && letter <= 0x7a && byte < NON_ASCII) || byte === 0x5f) {
      classes[byte] = LABEL_START | LABEL_PART;
    } else if (byte >= 0x30 && byte <= 0x39) {
      classes[byte] = LABEL_PART;
    }
  }
  return classes;
}
