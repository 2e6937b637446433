import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { CHECKOUT } from "./agent-process.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService, skipOrFail } from "./services.ts";

const run = promisify(execFile);
const WITHIN_MS = 110_000;
/** Without a network npm would try again for minutes. */
const ENVIRONMENT = { ...process.env, npm_config_fetch_retries: "0" };
const UNREACHABLE = "the packages of a release are neither in npm's cache nor in reach";
const NO_REGISTRY = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network/;

/** The directory of a release: that of PROMLINE_RELEASE, or one made of this checkout, once for the tests of a file. */
export async function releaseDirectory(context: TestContext): Promise<string> {
  const given = process.env["PROMLINE_RELEASE"];
  if (given !== undefined) {
    return given;
  }
  if (unreachable) {
    skipOrFail(context, UNREACHABLE);
  }
  if (made === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "promline-release-"));
    process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    await makeRelease(context, directory);
    made = directory;
  }
  return made;
}

let made: string | undefined;
let unreachable = false;

/** Makes a release of this checkout, as it is, in an empty directory. Where packages cannot be had the test is skipped. */
export async function makeRelease(context: TestContext, out: string): Promise<void> {
  for (const program of ["npm", "tar"] as const) {
    requireService(context, program);
  }
  try {
    const args = [join(CHECKOUT, "scripts", "release.ts"), out, "--allow-dirty"];
    await run(process.execPath, args, { cwd: CHECKOUT, env: ENVIRONMENT, timeout: WITHIN_MS });
  } catch (error) {
    if (NO_REGISTRY.test(String(error))) {
      unreachable = true;
      skipOrFail(context, UNREACHABLE);
    }
    throw error;
  }
}

/** The file of a release whose name has the part that is asked for. */
export function releaseFile(release: string, part: "tgz" | "image-root" | "chart" | "cdx"): string {
  const isIt = {
    tgz: (name: string) => /^promline-\d.*\.tgz$/.test(name),
    "image-root": (name: string) => name.startsWith("promline-image-root-"),
    chart: (name: string) => name.startsWith("promline-chart-"),
    cdx: (name: string) => name.endsWith(".cdx.json"),
  }[part];
  const name = readdirSync(release).find(isIt);
  if (name === undefined) {
    throw new Error(`${release} has no ${part}: ${readdirSync(release).join(", ")}`);
  }
  return join(release, name);
}

/** Unpacks an archive of a release into a new directory. */
export async function unpacked(archive: string): Promise<string> {
  const out = join(scratchDirectory("unpacked"), "root");
  mkdirSync(out);
  await run("tar", ["-xzf", archive, "-C", out, "--no-same-owner"]);
  return out;
}
