import { test } from "vitest";
import { loadKernel } from "../../src/recall/kernel-file.ts";
import { ReplayKernel } from "../../src/replay/replay-kernel.ts";
import { SeriesMemory } from "../../src/replay/series-memory.ts";
import { MIB } from "../../src/units.ts";

/** A test of the kernel: skipped where `npm run build` has not made it. */
export const replayTest = test.skipIf(loadKernel().kind === "missing");

/** The built kernel with memory of its own and a fixed seed. */
export function seriesMemory(maxBytes = 16 * MIB): SeriesMemory {
  const file = loadKernel();
  if (file.kind === "missing") {
    throw new Error(`${file.reason}: npm run build`);
  }
  const kernel = new ReplayKernel(file.module, maxBytes, (bytes) => {
    let state = 1;
    for (let at = 0; at < bytes.length; at++) {
      state = Math.imul(state, 1_103_515_245) + 12_345;
      bytes[at] = state >>> 16;
    }
  });
  return new SeriesMemory(kernel);
}
