import { execFile } from "node:child_process";

const WITHIN_MS = 20_000;

export interface ProgramOutput {
  /** The program started and answered 0. */
  readonly ok: boolean;
  /** Standard output and error together, trimmed. */
  readonly text: string;
}

/** Runs a program to its end. Never rejects. */
export function programOutput(file: string, args: readonly string[]): Promise<ProgramOutput> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: WITHIN_MS }, (error, stdout, stderr) => {
      const text = `${stdout}${stderr}`.trim();
      resolve({ ok: error === null, text: text === "" ? (error?.message ?? "") : text });
    });
  });
}
