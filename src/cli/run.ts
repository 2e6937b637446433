import { type CliIo, EXIT_FAILED } from "./cli-io.ts";

export async function runCommand(_args: readonly string[], io: CliIo): Promise<number> {
  io.stderr("promline: run is not built yet\n");
  return EXIT_FAILED;
}
