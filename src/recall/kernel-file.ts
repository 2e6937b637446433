import { randomFillSync } from "node:crypto";
import { ReplayKernel } from "../replay/replay-kernel.ts";
import { SeriesMemory } from "../replay/series-memory.ts";
import { loadWasm, type WasmFile } from "../wasm-file.ts";

/** Loads the compiled kernel. Without it every line goes through the cold path. */
export function loadKernel(): WasmFile {
  return loadWasm("replay-kernel");
}

/** Opens the memory for the series of a lane's targets; undefined without the kernel. */
export function openSeriesMemory(maxBytes: number): SeriesMemory | undefined {
  const file = loadKernel();
  return file.kind === "missing"
    ? undefined
    : new SeriesMemory(new ReplayKernel(file.module, maxBytes, randomFillSync));
}
