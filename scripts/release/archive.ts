import { writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { runProgram } from "./program.ts";

/**
 * Writes a directory, or what is in it where `inside` says so, as .tar.gz, the same bytes for the same content: entries sorted, all of root's and
 * readable for all, all of one time; gzip writes no time.
 */
export function writeArchive(
  file: string,
  directory: string,
  epoch: number,
  { inside = false }: { readonly inside?: boolean } = {},
): void {
  const tar = runProgram(
    "tar",
    [
      ...["--create", "--format=ustar", "--sort=name", `--mtime=@${epoch}`],
      ...["--owner=0", "--group=0", "--numeric-owner", "--mode=a=rX,u+w"],
      ...["-C", inside ? directory : dirname(directory), inside ? "." : basename(directory)],
    ],
    dirname(directory),
  );
  writeFileSync(file, gzipSync(tar, { level: constants.Z_BEST_COMPRESSION }));
}
