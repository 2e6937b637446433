import { createHash } from "node:crypto";
import { base32 } from "./package-ids.ts";

/**
 * The id of a part of a body, in the shape of any other. The same part of the same body has the same id at every attempt and in
 * every life, so that whoever got it before an answer was lost can tell.
 */
export function partId(bodyId: string, part: string): string {
  const hash = createHash("sha256").update(`${bodyId}/${part}`).digest();
  return `dk_${base32(hash.subarray(0, 12))}`;
}
