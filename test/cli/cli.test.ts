import { expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { VERSION } from "../../src/version.ts";

async function run(...argv: string[]) {
  let stdout = "";
  let stderr = "";
  const code = await runCli(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    slow: () => undefined,
  });
  return { code, stdout, stderr };
}

test.each([["version"], ["--version"]])("%s prints the version", async (argument) => {
  const { code, stdout, stderr } = await run(argument);
  expect(code).toBe(0);
  expect(stdout).toContain(`promline ${VERSION} `);
  expect(stderr).toBe("");
});

test("version --verbose says what this build has", async () => {
  const { code, stdout } = await run("version", "--verbose");
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      `version:  ${VERSION}`,
      `node:     ${process.versions.node}`,
      `platform: ${process.platform} ${process.arch}`,
      "build:    source",
      "kernel:   yes",
      "deflate:  yes",
      "inflate:  yes",
      "",
    ].join("\n"),
  );
});

test.each([["help"], ["--help"], ["-h"]])("%s lists every command", async (argument) => {
  const { code, stdout } = await run(argument);
  expect(code).toBe(0);
  for (const { usage } of COMMANDS) {
    expect(stdout).toContain(`promline ${usage}`);
  }
});

test.each(COMMANDS.map(({ name, usage }) => [name, usage]))("%s has help", async (name, usage) => {
  for (const argv of [
    [name, "--help"],
    ["help", name],
  ]) {
    const { code, stdout, stderr } = await run(...argv);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: promline ${usage}\n`);
    expect(stderr).toBe("");
  }
});

test.each([
  [[], "a command is missing"],
  [["rnu"], "unknown command rnu; did you mean run?"],
  [["help", "chekc"], "unknown command chekc; did you mean check?"],
  [["version", "--verbos"], "unknown option --verbos; did you mean --verbose?"],
  [["once"], "once needs a file"],
])("%j is wrong usage: exit code 2, nothing on standard output", async (argv, message) => {
  const { code, stdout, stderr } = await run(...argv);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(`promline: ${message}\n`);
  expect(stderr).toContain("Usage:");
});

test.each(COMMANDS.map((command) => [command.name, command]))(
  "the module of %s loads",
  async (_name, command) => {
    expect(await command.load()).toBeTypeOf("function");
  },
);
