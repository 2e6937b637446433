import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type Capture, captureBytes, captures, corpusTest } from "../support/corpus.ts";
import { type ReadSample, readPage } from "../support/read-page.ts";

corpusTest("every capture gives exactly the samples of its index row", (folder) => {
  const wrong: string[] = [];
  for (const capture of captures(folder)) {
    const bytes = captureBytes(folder, capture);
    const { samples } = readPage(bytes, { dialect: dialectOfCapture(bytes), chunkBytes: [65_536] });
    if (digestOf(samples) !== capture.samples_sha256) {
      wrong.push(`${capture.name}: ${samples.length} of ${capture.samples}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** Most captures came without their Content-Type: one that ends so is OpenMetrics. */
function dialectOfCapture(bytes: Uint8Array): "text" | "openmetrics" {
  return Buffer.from(bytes.subarray(-16)).toString().trimEnd().endsWith("# EOF")
    ? "openmetrics"
    : "text";
}

/** `samples_sha256` as the corpus defines it. */
function digestOf(samples: readonly ReadSample[]): Capture["samples_sha256"] {
  return createHash("sha256").update(samples.map(canonical).join("\n")).digest("hex");
}

function canonical(sample: ReadSample): string {
  const labels = sample.labels.toSorted(
    (a, b) => Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])) || (a[1] < b[1] ? -1 : 1),
  );
  const time = sample.timestampMs === undefined ? null : String(sample.timestampMs);
  return JSON.stringify([sample.name, labels, valueBits(sample.value), time]);
}

function valueBits(value: number): string {
  if (Number.isNaN(value)) {
    return "nan";
  }
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return bits.toString("hex");
}
