import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeArchive } from "./release/archive.ts";
import { readCheckoutState } from "./release/checkout-state.ts";
import { addModules, readManifest, writePackageTree } from "./release/package-tree.ts";
import { runProgram } from "./release/program.ts";
import { softwareBill } from "./release/sbom.ts";

// Makes everything that is published, in an empty directory, the same bytes for the same commit:
//
//   npm run release -- DIRECTORY [--allow-dirty]
//
// docs/decisions/compiled-release.md says why it is made so.

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Directories that are put together. */
const PARTS = ["package", "modules", "root", "bill"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "allow-dirty": { type: "boolean", default: false } },
});
const fault = usageFault();
if (fault === undefined) {
  release(resolve(positionals[0] ?? ""));
} else {
  process.stderr.write(`release: ${fault}\n`);
  process.exitCode = 2;
}

function usageFault(): string | undefined {
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) {
    return "usage: npm run release -- DIRECTORY [--allow-dirty]";
  }
  mkdirSync(directory, { recursive: true });
  if (readdirSync(directory).length > 0) {
    return `${directory} is not empty`;
  }
  const { fault: state } = readCheckoutState(ROOT);
  return state === undefined || values["allow-dirty"]
    ? undefined
    : `${state}\ncommit them, or say --allow-dirty for a release that nobody can make again`;
}

function release(out: string): void {
  const { epoch } = readCheckoutState(ROOT);
  const { name, version } = readManifest(ROOT);
  const file = (end: string) => join(out, `${name}-${end}`);
  const scratch = mkdtempSync(join(tmpdir(), "promline-release-"));
  try {
    const [tree = "", modules = "", root = "", bill = ""] = PARTS.map((part) => {
      mkdirSync(join(scratch, part));
      return join(scratch, part);
    });
    addModules(ROOT, modules, tree);
    writePackageTree(ROOT, tree);
    const tarball = file(`${version}.tgz`);
    writeArchive(tarball, tree, epoch);
    const said = runProgram(join(ROOT, "scripts", "image-root.sh"), [root, tarball], ROOT);
    process.stdout.write(said);
    writeArchive(file(`image-root-${version}.tar.gz`), root, epoch, { inside: true });
    writeArchive(file(`chart-${version}.tgz`), join(ROOT, "charts", name), epoch);
    writeFileSync(file(`${version}.cdx.json`), softwareBill(ROOT, bill, name, epoch));
    copyFileSync(join(ROOT, "Dockerfile"), join(out, "Dockerfile"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  writeFileSync(join(out, "SHA256SUMS"), sumsOf(out));
  for (const entry of readdirSync(out).sort()) {
    process.stdout.write(`${String(statSync(join(out, entry)).size).padStart(9)} ${entry}\n`);
  }
}

/** As `sha256sum -c` reads it. */
function sumsOf(directory: string): string {
  return readdirSync(directory)
    .sort()
    .map((entry) => {
      const sum = createHash("sha256")
        .update(readFileSync(join(directory, entry)))
        .digest("hex");
      return `${sum}  ${entry}\n`;
    })
    .join("");
}
