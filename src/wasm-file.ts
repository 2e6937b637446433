import { readFileSync } from "node:fs";

export type WasmFile =
  | { readonly kind: "ready"; readonly module: WebAssembly.Module }
  | { readonly kind: "missing"; readonly reason: string };

const BUILD = new URL("../build/", import.meta.url);

/** A module that `npm install` builds (scripts/build-wasm.ts). */
export function loadWasm(name: "replay-kernel" | "deflate" | "inflate"): WasmFile {
  const file = `${name}.wasm`;
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = readFileSync(new URL(file, BUILD));
  } catch {
    return { kind: "missing", reason: `build/${file} is not built` };
  }
  if (!WebAssembly.validate(bytes)) {
    return { kind: "missing", reason: "this machine has no WebAssembly SIMD" };
  }
  return { kind: "ready", module: new WebAssembly.Module(bytes) };
}
