import { VERSION } from "../version.ts";
import { type CliIo, EXIT_OK } from "./cli-io.ts";

export async function versionCommand(_args: readonly string[], io: CliIo): Promise<number> {
  io.stdout(
    `promline ${VERSION} (node ${process.versions.node}, ${process.platform} ${process.arch})\n`,
  );
  return EXIT_OK;
}
