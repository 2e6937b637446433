import { runProgram } from "./program.ts";

/** A checkout as a release sees it. */
export interface CheckoutState {
  /** Unix seconds that every file of the release carries: when the commit was made. */
  readonly epoch: number;
  /** Why a release made of it could not be made again; undefined where it could. */
  readonly fault: string | undefined;
}

/** The first time a zip file can carry, as npm and others take it where they know none. */
const NO_EPOCH = 315_532_800;
const SHOWN_FILES = 5;

export function readCheckoutState(root: string): CheckoutState {
  const epoch = git(root, "log", "-1", "--format=%ct");
  const changes = git(root, "status", "--porcelain");
  if (epoch === undefined || changes === undefined) {
    return { epoch: NO_EPOCH, fault: `${root} is no git checkout with a commit` };
  }
  const files = changes.split("\n").filter((line) => line !== "");
  return { epoch: Number(epoch), fault: changesFault(files) };
}

function changesFault(files: readonly string[]): string | undefined {
  if (files.length === 0) {
    return undefined;
  }
  const more = files.length > SHOWN_FILES ? [`and ${files.length - SHOWN_FILES} more`] : [];
  const shown = [...files.slice(0, SHOWN_FILES), ...more].map((file) => `\n  ${file}`).join("");
  return `the checkout has changes that are in no commit:${shown}`;
}

function git(root: string, ...args: string[]): string | undefined {
  try {
    return runProgram("git", ["-C", root, ...args], root)
      .toString("utf8")
      .trimEnd();
  } catch {
    return undefined;
  }
}
