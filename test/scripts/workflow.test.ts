import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CHECKOUT } from "../support/agent-process.ts";

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly run?: string; readonly uses?: string }[] }>
  >;
}

const read = (path: string) => readFileSync(join(CHECKOUT, path), "utf8");
const workflow: Workflow = parse(read(".github/workflows/ci.yml"));
const commands = Object.values(workflow.jobs).flatMap(({ steps }) =>
  steps.flatMap(({ run }) => (run === undefined ? [] : [run])),
);

test("the workflow calls what CI runs here too, and little else", () => {
  expect(existsSync(join(CHECKOUT, ".ci/run"))).toBe(true);
  expect(commands.map((command) => command.split(" ").slice(0, 3).join(" "))).toEqual([
    "git config --global",
    ".ci/run",
    "npm ci --no-audit",
    "npm run release",
    'test -f "out/promline-${VERSION#v}.tgz"',
    "docker buildx build",
    "gh release create",
  ]);
  expect(read(".ci/run")).toContain('npm run release -- "$1"');
  expect(JSON.parse(read("package.json")).scripts).toHaveProperty("release");
});
