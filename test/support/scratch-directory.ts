import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new directory below the system's temporary one, removed when the running test ends. */
export function scratchDirectory(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `promline-${name}-`));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
