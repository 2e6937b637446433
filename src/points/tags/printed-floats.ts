import { labelText } from "../../exposition/label-text.ts";
import { encodeTagValue } from "../../lineprotocol/escape.ts";
import { goFloat } from "../../rules/go-float.ts";
import { sameBytes } from "../../rules/label-table.ts";

/**
 * Texts remembered for all targets of a lane, each in the one place its hash has; longer ones are
 * not.
 */
const PLACES = 1024;
const MAX_BYTES = 32;

interface Printed {
  readonly text: Uint8Array;
  readonly encoded: Uint8Array;
}

const places: (Printed | undefined)[] = new Array(PLACES).fill(undefined);

/**
 * The value of `le` or `quantile`, `bytes[start, end)`, as DataKit prints it, encoded as a tag
 * value; text that is no number stays. Not to be changed.
 */
export function printedFloat(
  bytes: Uint8Array,
  start: number,
  end: number,
  escaped: boolean,
): Uint8Array {
  if (end - start > MAX_BYTES || escaped) {
    return print(bytes, start, end, escaped);
  }
  let hash = end - start;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash, 31) + (bytes[at] as number);
  }
  const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
  const known = places[place];
  if (known !== undefined && sameBytes(known.text, bytes, start, end)) {
    return known.encoded;
  }
  const encoded = print(bytes, start, end, false);
  places[place] = { text: bytes.slice(start, end), encoded };
  return encoded;
}

function print(bytes: Uint8Array, start: number, end: number, escaped: boolean): Uint8Array {
  return encodeTagValue(reprinted(labelText(bytes, start, end, escaped)));
}

function reprinted(text: string): string {
  const word = text.trim().toLowerCase();
  if (/^[+-]?(inf|infinity)$/.test(word)) {
    return word.startsWith("-") ? "-Inf" : "+Inf";
  }
  if (word === "nan") {
    return "NaN";
  }
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/.test(word) ? goFloat(Number(word)) : text;
}
