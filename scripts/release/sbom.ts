import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "./program.ts";

interface CycloneDx {
  serialNumber: string;
  metadata: { timestamp: string; component: { name: string } };
}

interface LockFile {
  readonly packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  devDependencies?: unknown;
}

/**
 * What is in the release as CycloneDX, read from the lock file; the same text for the same lock and time. Needs an empty
 * directory for a lock file that has nothing else: from a whole one npm leaves out what packages for developers ask for too.
 */
export function softwareBill(root: string, scratch: string, name: string, epoch: number): string {
  const lock: LockFile = readJson(join(root, "package-lock.json"));
  for (const [path, { dev, optional, devOptional }] of Object.entries(lock.packages)) {
    if (dev === true || optional === true || devOptional === true) {
      delete lock.packages[path];
    }
  }
  delete lock.packages[""]?.devDependencies;
  const manifest: LockedPackage = readJson(join(root, "package.json"));
  delete manifest.devDependencies;
  writeFileSync(join(scratch, "package-lock.json"), JSON.stringify(lock));
  writeFileSync(join(scratch, "package.json"), JSON.stringify(manifest));
  const text = runProgram(
    "npm",
    [
      ...["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"],
      ...["--omit=dev", "--omit=optional"],
    ],
    scratch,
  );
  const bill: CycloneDx = JSON.parse(text.toString("utf8"));
  // npm says that of the directory.
  bill.metadata.component.name = name;
  bill.metadata.timestamp = new Date(epoch * 1000).toISOString();
  bill.serialNumber = "";
  bill.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bill))}`;
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A UUID of version 8 (RFC 9562, 5.8): that of a text. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
