import { expect, test } from "vitest";
import { xxhash64 } from "../../../src/rules/relabel/xxhash64.ts";

// Published results: xxHash's own test of the empty text, and the example of Python's binding.
test.each([
  ["", 0xef46db3751d8e999n],
  ["a", 0xd24ec4f1a98c6e5bn],
  ["abc", 0x44bc2cf5ad770999n],
  ["Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1n],
])("xxHash64 of %j", (text, hash) => {
  expect(xxhash64(text)).toBe(hash);
});
