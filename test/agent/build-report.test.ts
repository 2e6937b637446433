import { expect, test } from "vitest";
import { type BuildReport, buildFault, readBuild } from "../../src/agent/build-report.ts";

type Part = BuildReport["kernel"];

const READY: Part = { kind: "ready" };
const ABSENT: Part = {
  kind: "missing",
  fault: "absent",
  reason: "build/deflate.wasm is not built",
};
const NO_SIMD: Part = { kind: "missing", fault: "no_simd", reason: "no SIMD" };

function build(changes: Partial<BuildReport>): BuildReport {
  return {
    ...readBuild(),
    kind: "compiled",
    kernel: READY,
    deflate: READY,
    inflate: READY,
    ...changes,
  };
}

test("a checkout says that it is one", () => {
  expect(readBuild()).toMatchObject({ kind: "source", node: process.versions.node });
});

test.each([
  ["what is shipped with its parts", {}],
  ["a machine that cannot run them", { kernel: NO_SIMD, deflate: NO_SIMD }],
  ["a checkout without them", { kind: "source", kernel: ABSENT, deflate: ABSENT }],
] as const)("%s may run", (_name, changes) => {
  expect(buildFault(build(changes))).toBeUndefined();
});

test("what is shipped does not run without its parts", () => {
  expect(buildFault(build({ deflate: ABSENT }))).toBe(
    "this installation is incomplete: build/deflate.wasm is not built; install promline again",
  );
});
