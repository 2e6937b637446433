import type { Verdict } from "./verdict.ts";

/** A file that cannot be written can be written later: a disk is cleared, a mount comes back, rights are given. */
export function fileVerdict(code: string): Verdict {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return { kind: "retry", reason: "disk_full", pace: "normal" };
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return { kind: "retry", reason: "permission", pace: "normal" };
    default:
      return { kind: "retry", reason: "file", pace: "normal" };
  }
}
