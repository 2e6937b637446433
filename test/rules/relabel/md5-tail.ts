import { createHash } from "node:crypto";

export function md5Tail(text: string): bigint {
  return createHash("md5").update(text).digest().readBigUInt64BE(8);
}
