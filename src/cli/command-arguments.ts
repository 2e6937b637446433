import { parseArgs } from "node:util";
import { closestName } from "./closest-name.ts";
import type { CommandSpec } from "./command-table.ts";

export type CommandArguments =
  | {
      readonly kind: "ok";
      readonly values: Readonly<Record<string, string | undefined>>;
      readonly positionals: readonly string[];
    }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the arguments of a command. Wrong ones are a value; the message suggests what may have been meant. */
export function parseCommandArguments(
  command: CommandSpec,
  args: readonly string[],
): CommandArguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...command.options, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Record<string, string | undefined> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      positionals.push(token.value);
    } else if (token.kind === "option" && token.name === "help") {
      return { kind: "help" };
    } else if (token.kind === "option") {
      const wrong = optionFault(command, token.name, token.rawName, token.value);
      if (wrong !== undefined) {
        return { kind: "wrong", message: wrong };
      }
      values[token.name] = token.value ?? "";
    }
  }
  const wrong = positionalFault(command, positionals);
  return wrong === undefined
    ? { kind: "ok", values, positionals }
    : { kind: "wrong", message: wrong };
}

function optionFault(
  command: CommandSpec,
  name: string,
  rawName: string,
  value: string | undefined,
): string | undefined {
  if (!Object.hasOwn(command.options, name)) {
    const near = closestName(name, [...Object.keys(command.options), "help"]);
    return `unknown option ${rawName}${near === undefined ? "" : `; did you mean --${near}?`}`;
  }
  if (command.options[name]?.type === "boolean") {
    return value === undefined ? undefined : `option ${rawName} takes no value`;
  }
  // parseArgs, when lenient, takes the next option for a value.
  if (value === undefined || value === "" || value.startsWith("--")) {
    return `option ${rawName} needs a value`;
  }
  return undefined;
}

function positionalFault(
  { name, positionals: { min, max } }: CommandSpec,
  given: readonly string[],
): string | undefined {
  if (given.length < min) {
    return `${name} needs ${min === 1 ? "a file" : `${min} arguments`}`;
  }
  return given.length > max ? `unexpected argument ${given[max]}` : undefined;
}
