import { readFileSync } from "node:fs";

export type WasmFile =
  | { readonly kind: "ready"; readonly module: WebAssembly.Module }
  | {
      readonly kind: "missing";
      /** `no_simd` is the machine's fault, the others are the build's. */
      readonly fault: "absent" | "damaged" | "no_simd";
      readonly reason: string;
    };

const BUILD = new URL("../build/", import.meta.url);

/** A module whose only function returns a vector (WebAssembly SIMD, section 1 of its specification). */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/** A module that `npm install` builds (scripts/build-wasm.ts) and a release carries; from `directory`. */
export function loadWasm(
  name: "replay-kernel" | "deflate" | "inflate",
  directory: URL = BUILD,
): WasmFile {
  const file = `${name}.wasm`;
  let bytes: Buffer<ArrayBuffer>;
  try {
    bytes = readFileSync(new URL(file, directory));
  } catch {
    return { kind: "missing", fault: "absent", reason: `build/${file} is not built` };
  }
  if (WebAssembly.validate(bytes)) {
    return { kind: "ready", module: new WebAssembly.Module(bytes) };
  }
  return WebAssembly.validate(SIMD_PROBE)
    ? { kind: "missing", fault: "damaged", reason: `build/${file} is damaged` }
    : { kind: "missing", fault: "no_simd", reason: "this machine has no WebAssembly SIMD" };
}
