import { COMMANDS, type CommandSpec } from "./command-table.ts";

/** The text of `promline help`. */
export function generalUsage(): string {
  return [
    "promline scrapes Prometheus targets and delivers line protocol.",
    "",
    "Usage:",
    ...columns(COMMANDS.map(({ usage, summary }) => [`promline ${usage}`, summary])),
    "",
    "promline COMMAND --help says more about one command.",
    "Exit codes: 0 fine, 1 failed, 2 wrong configuration or usage.",
    "",
  ].join("\n");
}

/** The text of `promline COMMAND --help`. */
export function commandUsage(command: CommandSpec): string {
  return [
    `Usage: promline ${command.usage}`,
    "",
    `Command ${command.name}: ${command.summary}.`,
    "",
    ...columns([...command.arguments, ...optionRows(command)]),
    "",
  ].join("\n");
}

function optionRows({ options }: CommandSpec): [string, string][] {
  return Object.entries(options).map(([name, { value, meaning }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    meaning,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
