import { createHash } from "node:crypto";
import { runProgram } from "./program.ts";

interface CycloneDx {
  serialNumber: string;
  metadata: { timestamp: string; component: { name: string } };
}

/** What is in the release as CycloneDX, read from the lock file; the same text for the same lock and time. */
export function softwareBill(root: string, name: string, epoch: number): string {
  const text = runProgram(
    "npm",
    [
      ...["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"],
      ...["--omit=dev", "--omit=optional"],
    ],
    root,
  );
  const bill: CycloneDx = JSON.parse(text.toString("utf8"));
  // npm says that of the directory.
  bill.metadata.component.name = name;
  bill.metadata.timestamp = new Date(epoch * 1000).toISOString();
  bill.serialNumber = "";
  bill.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bill))}`;
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** A UUID of version 8 (RFC 9562, 5.8): that of a text. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
