import { goFloat } from "../../src/rules/go-float.ts";

/** How a program prints numbers: Envoy writes plain decimals, Go the shortest form (`1.5e+06`). */
export type NumberStyle = "envoy" | "go";

const ZERO = 0x30;
/** Where integers are still exact after `Math.trunc(value / 10)`, and no exponent is due in either style. */
const PLAIN_LIMIT = 1e15;

/** Writes `value` at `at` and answers the offset behind it. There must be 32 bytes of room. */
export function writeValue(bytes: Buffer, at: number, value: number, style: NumberStyle): number {
  const limit = style === "go" ? 1e6 : PLAIN_LIMIT;
  if (Number.isInteger(value) && value >= 0 && value < limit) {
    return writeInteger(bytes, at, value);
  }
  const text = style === "go" ? goFloat(value) : String(value);
  return at + bytes.write(text, at, "latin1");
}

function writeInteger(bytes: Buffer, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) {
    digits++;
  }
  let rest = value;
  for (let to = at + digits - 1; to >= at; to--) {
    const next = Math.trunc(rest / 10);
    bytes[to] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}
