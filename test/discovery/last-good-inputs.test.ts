import { expect, test } from "vitest";
import { LastGoodInputs } from "../../src/discovery/last-good-inputs.ts";
import { located } from "../support/prom-input.ts";

/** `a.conf` as a version: the source of each of its inputs, and whether the file has an error beside. */
function version(sources: string[], flaw: "" | "error" | "warning" = "") {
  return {
    files: ["a.conf"],
    inputs: sources.map((source) => located({ source })),
    issues: flaw === "" ? [] : [{ severity: flaw, file: "a.conf", key: "", message: "m" } as const],
  };
}

/** What runs after these loads: sources, and "kept" where the last version was refused. */
function after(...versions: ReturnType<typeof version>[]): string[] {
  const lastGood = new LastGoodInputs();
  const accepted = versions.map((next) => lastGood.accept(next)).at(-1);
  return [
    ...(accepted?.inputs.map(({ input }) => input.source) ?? []),
    ...(accepted?.kept.length ? ["kept"] : []),
  ];
}

test.each([
  ["first version as it is", [version(["a"], "error")], ["a"]],
  ["first version with nothing to run", [version([], "error")], []],
  ["a good one replaces", [version(["a"]), version(["b"])], ["b"]],
  ["a broken file is refused", [version(["a"]), version([], "error")], ["a", "kept"]],
  ["one bad table too", [version(["a", "b"]), version(["c"], "error")], ["a", "b", "kept"]],
  ["a warning is no error", [version(["a"]), version(["b"], "warning")], ["b"]],
  ["and again", [version(["a"]), version([], "error"), version([], "error")], ["a", "kept"]],
  ["mended", [version(["a"]), version([], "error"), version(["b"])], ["b"]],
  [
    "flawed since the start: edits count",
    [version(["a"], "error"), version(["b"], "error")],
    ["b"],
  ],
  ["but not to nothing", [version(["a"], "error"), version([], "error")], ["a", "kept"]],
  ["emptied on purpose", [version(["a"]), version([])], []],
])("%s", (_name, versions, running) => {
  expect(after(...versions)).toEqual(running);
});

test("a removed file takes its inputs along, and a broken one does not disturb others", () => {
  const lastGood = new LastGoodInputs();
  const a = located({ source: "a" }, "a.conf");
  const b = located({ source: "b" }, "b.conf");
  lastGood.accept({ files: ["a.conf", "b.conf"], inputs: [a, b], issues: [] });
  const broken = { severity: "error", file: "a.conf", key: "", message: "m" } as const;
  const kept = lastGood.accept({ files: ["a.conf", "b.conf"], inputs: [], issues: [broken] });
  expect(kept).toMatchObject({ inputs: [a], kept: ["a.conf"] });
  expect(lastGood.accept({ files: [], inputs: [], issues: [] })).toMatchObject({
    inputs: [],
    kept: [],
  });
});

test("inputs of a file that the loader did not list are not lost", () => {
  const a = located({ source: "a" }, "unlisted.conf");
  expect(new LastGoodInputs().accept({ files: [], inputs: [a], issues: [] }).inputs).toEqual([a]);
});

test.each([
  ["the file itself", "conf.d/deep/a.conf", ["conf.d/deep/a.conf"]],
  ["a directory above it", "conf.d/deep", ["conf.d/deep/a.conf"]],
  ["another file", "conf.d/deep/a.conf.conf", []],
  ["a directory that only begins like it", "conf.d/dee", []],
])(
  "a file that is not listed because %s cannot be read is not a removed one",
  (_what, path, kept) => {
    const lastGood = new LastGoodInputs();
    const a = located({ source: "a" }, "conf.d/deep/a.conf");
    lastGood.accept({ files: [a.file], inputs: [a], issues: [] });
    const unreadable = { severity: "error", file: path, key: "", message: "EACCES" } as const;
    const accepted = lastGood.accept({ files: [], inputs: [], issues: [unreadable] });
    expect(accepted).toMatchObject({ inputs: kept.length === 0 ? [] : [a], kept });
    const readable = lastGood.accept({ files: [], inputs: [], issues: [] });
    expect(readable.inputs).toEqual([]);
  },
);
