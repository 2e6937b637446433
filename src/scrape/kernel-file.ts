import { randomFillSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { ReplayKernel } from "../replay/replay-kernel.ts";
import { SeriesMemory } from "../replay/series-memory.ts";

export type KernelFile =
  | { readonly kind: "ready"; readonly module: WebAssembly.Module }
  /** Without it everything goes through the cold path. */
  | { readonly kind: "missing"; readonly reason: string };

const FILE = new URL("../../build/replay-kernel.wasm", import.meta.url);

/** The compiled kernel, which `npm install` builds (scripts/build-kernel.ts). */
export function loadKernel(): KernelFile {
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = readFileSync(FILE);
  } catch {
    return { kind: "missing", reason: "build/replay-kernel.wasm is not built" };
  }
  if (!WebAssembly.validate(bytes)) {
    return { kind: "missing", reason: "this machine has no WebAssembly SIMD" };
  }
  return { kind: "ready", module: new WebAssembly.Module(bytes) };
}

/** Memory for the series of a lane's targets; undefined without the kernel. */
export function openSeriesMemory(maxBytes: number): SeriesMemory | undefined {
  const file = loadKernel();
  return file.kind === "missing"
    ? undefined
    : new SeriesMemory(new ReplayKernel(file.module, maxBytes, randomFillSync));
}
