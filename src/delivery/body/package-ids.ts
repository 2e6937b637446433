import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.ts";
import { SECOND } from "../../units.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuv";
const COUNTER_MASK = 0xff_ff_ff;

/**
 * Names of bodies, for `X-Pkg-Id` (specification, 5.3): `dk_` and 20 characters in the shape of an xid, that is 12 bytes in
 * base 32 (RFC 4648, the extended hex alphabet in lower case):
 *
 *     | seconds since 1970, 4 bytes | this process, random, 5 bytes | counter, 3 bytes |
 *
 * All big-endian, so that ids sort by time.
 */
export class PackageIds {
  readonly #clock: Clock;
  readonly #process = randomBytes(5);
  #counter = randomBytes(3).readUIntBE(0, 3);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(): string {
    this.#counter = (this.#counter + 1) & COUNTER_MASK;
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(Math.floor(this.#clock.now() / SECOND) >>> 0, 0);
    this.#process.copy(bytes, 4);
    bytes.writeUIntBE(this.#counter, 9, 3);
    return `dk_${base32(bytes)}`;
  }
}

export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}
