import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { commandUsage } from "../../src/cli/usage.ts";

test.each(COMMANDS)("usage of $name names only options that it has", ({ usage, options }) => {
  const named = [...usage.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
  expect(named.filter((name) => !Object.hasOwn(options, name as string))).toEqual([]);
});

test.each(COMMANDS)("help of $name has a line for each option and its value", (command) => {
  const lines = commandUsage(command).split("\n");
  for (const [name, { value, meaning }] of Object.entries(command.options)) {
    const option = value === undefined ? `--${name}` : `--${name} ${value}`;
    expect(lines.find((line) => line.trim().startsWith(`${option}  `))).toContain(meaning);
  }
});

test("an option without a value names none", () => {
  const odd = COMMANDS.flatMap(({ options }) => Object.entries(options)).filter(
    ([, { type, value }]) => (type === "boolean") !== (value === undefined),
  );
  expect(odd).toEqual([]);
});
