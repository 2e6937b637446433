import { execFile } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { CHECKOUT } from "./agent-process.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService, skipOrFail } from "./services.ts";

const run = promisify(execFile);
const WITHIN_MS = 110_000;
const NO_REGISTRY = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|network/;

/** The directory of a release: that of PROMLINE_RELEASE, or one made of this checkout for the running test. */
export async function releaseDirectory(context: TestContext): Promise<string> {
  return process.env["PROMLINE_RELEASE"] ?? (await makeRelease(context));
}

/** A release of this checkout, as it is. Where packages cannot be had the running test is skipped. */
export async function makeRelease(context: TestContext): Promise<string> {
  for (const program of ["npm", "tar"] as const) {
    requireService(context, program);
  }
  const out = scratchDirectory("release");
  try {
    const args = [join(CHECKOUT, "scripts", "release.ts"), out, "--allow-dirty"];
    await run(process.execPath, args, { cwd: CHECKOUT, timeout: WITHIN_MS });
  } catch (error) {
    if (NO_REGISTRY.test(String(error))) {
      skipOrFail(context, "the packages of a release are neither in npm's cache nor in reach");
    }
    throw error;
  }
  return out;
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
