import { execFileSync } from "node:child_process";

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Runs a program to its end and gives its standard output. Throws with what it wrote where it fails. */
export function runProgram(file: string, args: readonly string[], directory: string): Buffer {
  return execFileSync(file, args, {
    cwd: directory,
    maxBuffer: MAX_OUTPUT_BYTES,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
