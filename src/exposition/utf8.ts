/**
 * Whether `bytes[start, end)` is UTF-8 as Unicode table 3-7 has it: no overlong form, no surrogate,
 * nothing above U+10FFFF. Called only for text in which a byte of 0x80 or more was seen.
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) {
      continue;
    }
    const length = sequenceLength(lead);
    if (length === 0 || at + length - 1 > end || !secondFits(lead, bytes[at] as number)) {
      return false;
    }
    for (const stop = at + length - 1; at < stop; at++) {
      if (((bytes[at] as number) & 0xc0) !== 0x80) {
        return false;
      }
    }
  }
  return true;
}

/** Bytes of the sequence that starts so, 0 where none does. */
function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 2;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return 3;
  }
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** Four leads narrow the range of the byte after them. */
function secondFits(lead: number, second: number): boolean {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second < 0xa0;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second < 0x90;
    default:
      return true;
  }
}
