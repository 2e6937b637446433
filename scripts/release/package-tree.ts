import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runProgram } from "./program.ts";

/** What of package.json a release goes by. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly type: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** undici needs it; the rest would run on any 22. */
const NODE_VERSIONS = ">=22.19";
const TEXTS = ["README.md", "CHANGELOG.md", "LICENSE"];

export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** Puts the npm package together in an empty directory: compiled JavaScript, modules in WebAssembly, the packages it runs with. */
export function writePackageTree(root: string, out: string): void {
  compile(root, join(out, "dist"));
  runProgram(process.execPath, ["scripts/build-wasm.ts", join(out, "build")], root);
  mkdirSync(join(out, "bin"));
  copyFileSync(join(root, "bin", "promline"), join(out, "bin", "promline"));
  chmodSync(join(out, "bin", "promline"), 0o755);
  for (const name of TEXTS) {
    copyFileSync(join(root, name), join(out, name));
  }
  writeFileSync(join(out, "package.json"), `${JSON.stringify(shippedManifest(root), null, 2)}\n`);
}

function compile(root: string, out: string): void {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const project = join(root, "tsconfig.release.json");
  runProgram(process.execPath, [compiler, "-p", project, "--outDir", out], root);
}

/** No script that would run at an install, nothing for developers; the packages it runs with come along. */
function shippedManifest(root: string) {
  const { name, version, description, license, type, bin, dependencies } = readManifest(root);
  return {
    ...{ name, version, description, license, type, bin },
    engines: { node: NODE_VERSIONS },
    dependencies,
    bundleDependencies: Object.keys(dependencies),
  };
}

/**
 * Adds the packages it runs with, as the lock file names them and checked against its sums. Optional ones are built for one
 * platform each, and nothing here asks for them.
 */
export function addModules(root: string, scratch: string, out: string): void {
  for (const name of ["package.json", "package-lock.json"]) {
    copyFileSync(join(root, name), join(scratch, name));
  }
  runProgram(
    "npm",
    [
      ...["ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--prefer-offline"],
      ...["--no-audit", "--no-fund", "--loglevel=error"],
    ],
    scratch,
  );
  const modules = join(scratch, "node_modules");
  // npm makes the links anew where it installs.
  rmSync(join(modules, ".bin"), { recursive: true, force: true });
  rmSync(join(modules, ".package-lock.json"), { force: true });
  cpSync(modules, join(out, "node_modules"), { recursive: true });
}
