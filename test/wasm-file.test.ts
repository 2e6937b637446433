import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadWasm } from "../src/wasm-file.ts";
import { scratchDirectory } from "./support/scratch-directory.ts";

/** `deflate.wasm` with these bytes, undefined for no such file. */
function load(bytes: Uint8Array | undefined) {
  const directory = scratchDirectory("wasm");
  if (bytes !== undefined) writeFileSync(`${directory}/deflate.wasm`, bytes);
  return loadWasm("deflate", pathToFileURL(`${directory}/`));
}

test("a module that is there is ready", () => {
  expect(load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toMatchObject({ kind: "ready" });
});

test.each([
  ["none", undefined, "absent"],
  ["half a module", Uint8Array.of(0, 97, 115), "damaged"],
])("%s is told apart from a machine without SIMD", (_name, bytes, fault) => {
  expect(load(bytes)).toMatchObject({ kind: "missing", fault });
});
