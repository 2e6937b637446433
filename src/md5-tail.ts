import { hash } from "node:crypto";

/** The last 8 bytes of the MD5 of a text's UTF-8, big end first: what `hashmod` divides (docs/decisions/relabel-hashes.md). */
export function md5Tail(text: string): bigint {
  return hash("md5", text, "buffer").readBigUInt64BE(8);
}
