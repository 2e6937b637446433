import { type CliIo, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { closestName } from "./closest-name.ts";
import { parseCommandArguments } from "./command-arguments.ts";
import { COMMANDS } from "./command-table.ts";
import { commandUsage, generalUsage } from "./usage.ts";

/** Runs the command line (without the executable's name); resolves to the exit code. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const [first, ...args] = argv;
  const name = first === "--version" ? "version" : first;
  if (name === "help" || name === "--help" || name === "-h") {
    return help(args[0], io);
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    return unknownCommand(name, io);
  }
  const parsed = parseCommandArguments(command, args);
  switch (parsed.kind) {
    case "help":
      io.stdout(commandUsage(command));
      return EXIT_OK;
    case "wrong":
      io.stderr(`promline: ${parsed.message}\n${commandUsage(command)}`);
      return EXIT_USAGE;
    case "ok":
      return (await command.load())(args, io);
  }
}

function help(about: string | undefined, io: CliIo): number {
  const command = COMMANDS.find((candidate) => candidate.name === about);
  if (about !== undefined && command === undefined) {
    return unknownCommand(about, io);
  }
  io.stdout(command === undefined ? generalUsage() : commandUsage(command));
  return EXIT_OK;
}

function unknownCommand(name: string | undefined, io: CliIo): number {
  const near =
    name === undefined
      ? undefined
      : closestName(
          name,
          COMMANDS.map((command) => command.name),
        );
  const trouble = name === undefined ? "a command is missing" : `unknown command ${name}`;
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  io.stderr(`promline: ${trouble}${meant}\n${generalUsage()}`);
  return EXIT_USAGE;
}
