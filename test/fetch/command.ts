import { execFileSync } from "node:child_process";

/** Runs a program of the system and waits for it; throws when it fails or is missing. */
export function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: "ignore" });
}
