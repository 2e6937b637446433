// Steps of the cursor that more than one file takes. All answer the position they reached, `end` at
// most.

const TAB = 0x09;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const LOWER_A = 0x61;
const LOWER_Z = 0x7a;
const LOWER = 0x20;

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) {
    at++;
  }
  return at;
}

/** Up to the next blank. */
export function skipWord(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) {
    at++;
  }
  return at;
}

/** Behind a metric name without quotes, `[a-zA-Z_:][a-zA-Z0-9_:]*`; `start` where there is none. */
export function skipMetricName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at < end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) {
    return start;
  }
  while (at < end && isNameByte(bytes[at] as number)) {
    at++;
  }
  return at;
}

/** Behind the quote that ends a text begun before `start`, -1 where none does. */
export function skipQuoted(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === 0x22) {
      return at + 1;
    }
    if (bytes[at] === 0x5c) {
      at++;
    }
  }
  return -1;
}

function isNameByte(byte: number): boolean {
  const letter = byte | LOWER;
  return (
    (letter >= LOWER_A && letter <= LOWER_Z) ||
    (byte >= ZERO && byte <= COLON) ||
    byte === UNDERSCORE
  );
}
