import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RereadFile } from "../../src/dial/reread-file.ts";
import { ManualClock } from "../manual-clock.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

test("a file is read again once it has changed and a second has passed; without one it is empty", () => {
  const path = join(scratchDirectory("reread"), "hosts");
  const clock = new ManualClock();
  let parsed = 0;
  const file = new RereadFile(
    path,
    (text) => {
      parsed++;
      return text.trim();
    },
    clock,
  );
  const after = (ms: number): string => {
    clock.advance(ms);
    return file.content;
  };
  expect(after(0)).toBe("");
  writeFileSync(path, "one\n");
  expect(after(999)).toBe("");
  expect(after(1)).toBe("one");
  expect(after(5000)).toBe("one");
  expect(parsed).toBe(2);
  writeFileSync(path, "another\n");
  expect(after(1000)).toBe("another");
  rmSync(path);
  expect(after(1000)).toBe("");
});
