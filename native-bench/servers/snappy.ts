// Snappy's block format (google/snappy, format_description.txt):
//
//   length of the text, varint
//   elements, by the two low bits of their tag byte:
//     00 literal: length - 1 in the upper six bits, or 60..63: in the next 1..4 bytes, little endian; the bytes follow
//     01 copy: length - 4 in bits 2..4, distance in bits 5..7 (high) and one byte
//     10 copy: length - 1 in the upper six bits, distance in two bytes
//     11 copy: the same, distance in four bytes

const MAX_LENGTH = 64 * 1024 * 1024;

/** The text of a block. Throws a RangeError where it is none. */
export function snappyDecompress(block: Buffer): Buffer {
  const header = readVarint(block, 0);
  check(header.value <= MAX_LENGTH);
  const text = Buffer.allocUnsafe(header.value);
  let at = header.next;
  let to = 0;
  while (at < block.length) {
    const tag = block[at++] as number;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = (extra === 0 ? tag >> 2 : block.readUIntLE(at, extra)) + 1;
      at += extra;
      check(at + length <= block.length && to + length <= text.length);
      block.copy(text, to, at, at + length);
      at += length;
      to += length;
    } else {
      const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const distance = copyDistance(block, tag, at);
      at += DISTANCE_BYTES[tag & 3] as number;
      check(distance > 0 && distance <= to && to + length <= text.length);
      copyBack(text, to, distance, length);
      to += length;
    }
  }
  check(to === text.length);
  return text;
}

/** By the two low bits of a copy's tag. */
const DISTANCE_BYTES = [0, 1, 2, 4];

function copyDistance(block: Buffer, tag: number, at: number): number {
  switch (tag & 3) {
    case 1:
      return ((tag >> 5) << 8) | block.readUInt8(at);
    case 2:
      return block.readUInt16LE(at);
    default:
      return block.readUInt32LE(at);
  }
}

/** A copy may reach into what it writes: then the bytes repeat. */
function copyBack(text: Buffer, to: number, distance: number, length: number): void {
  for (let at = to; at < to + length; at++) {
    text[at] = text[at - distance] as number;
  }
}

function readVarint(bytes: Buffer, start: number): { value: number; next: number } {
  let value = 0;
  let at = start;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes.readUInt8(at++);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return { value, next: at };
    }
  }
}

function check(valid: boolean): void {
  if (!valid) {
    throw new RangeError("snappy: damaged block");
  }
}
