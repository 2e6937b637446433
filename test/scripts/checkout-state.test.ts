import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCheckoutState } from "../../scripts/release/checkout-state.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const COMMITTED_AT = 1_700_000_000;

function checkout(): string {
  const root = scratchDirectory("checkout");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: `${COMMITTED_AT} +0000` },
    });
  git("init", "--quiet");
  writeFileSync(join(root, "a.txt"), "a\n");
  git("add", "a.txt");
  git("commit", "--quiet", "--message", "a");
  return root;
}

test("a clean checkout has the time of its commit", () => {
  expect(readCheckoutState(checkout())).toEqual({ epoch: COMMITTED_AT, fault: undefined });
});

test.each([
  ["a changed file", "a.txt", " M a.txt"],
  ["a new file", "b.txt", "?? b.txt"],
])("%s is named", (_name, file, shown) => {
  const root = checkout();
  writeFileSync(join(root, file), "b\n");
  expect(readCheckoutState(root).fault).toBe(
    `the checkout has changes that are in no commit:\n  ${shown}`,
  );
});

test("what is no checkout is said to be none", () => {
  const root = scratchDirectory("none");
  expect(readCheckoutState(root).fault).toBe(`${root} is no git checkout with a commit`);
});
