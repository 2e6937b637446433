import { promGroups } from "./input/prom-schema.ts";
import { formatDuration } from "./language/duration.ts";
import type { Key, Schema } from "./language/schema.ts";
import { agentSchema } from "./settings/agent-schema.ts";
import { otherVariables } from "./settings/variables.ts";

/** `docs/configuration.md`, made from the schemas: `npm run docs` writes it and a test holds it to this. */
export function renderConfigurationPage(): string {
  const groups = promGroups.map(({ title, keys }) => `### ${title}\n\n${tableOf(keys, "")}`);
  return `${INTRODUCTION}\n${groups.join("\n")}\n${SETTINGS}\n${tableOf(agentSchema, "")}\n${variables()}`;
}

const INTRODUCTION = `# Configuration

<!-- Made by \`npm run docs\` from src/config: change the schemas there. -->

Drop-ins are TOML files, \`*.conf\` or \`*.toml\`, anywhere below the directory \`conf.d\`. Symlinks are followed; a file that is
there twice counts once. \`promline check\` says what is wrong in them, with line and column, and prints what is in force.

- A wrong value turns its table off, not its neighbours. An unknown key is a warning. A file that is not TOML is off as a whole.
- A duration is text such as \`"30s"\`, \`"1m30s"\`, \`"1.5h"\` or \`"100ms"\`. A bare number means nanoseconds, with a warning.
- A pattern is a regular expression in RE2 syntax that may match anywhere in the text. One that does not compile is left out with
  a warning.
- \`$NAME\` and \`\${NAME}\` anywhere in a file stand for an environment variable where one of that name is set; else they stay as
  written. \`ENC[file:///path]\` in a text stands for the content of that file without its last line end;
  in variables that hold an address, such as \`ENV_DATAWAY\`, too. When a destination refuses its credentials, such files are read again.
- Addresses, tokens, keys and headers are never shown: they are masked in what is printed, and no message quotes them.

## \`[[inputs.prom]]\`

One table for each group of targets that share their options; \`[inputs.prom]\` where there is one.
`;

const SETTINGS = `## Settings of the agent

\`promline.toml\`, named by \`--config\`. Everything has a default and the file may be absent. A variable of the environment wins over
the file; one that is empty counts as unset. For a boolean, \`true\`, \`1\`, \`yes\`, \`on\` and \`enable\` are true, \`false\`, \`0\`, \`no\`, \`off\` and
\`disable\` are false, and anything else is an error.
`;

function tableOf(schema: Schema, prefix: string): string {
  const rows = rowsOf(schema, prefix);
  return `| key | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function rowsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema).flatMap(([name, spec]) => {
    const path = `${prefix}${name}`;
    const row = `| \`${path}\` | ${spec.type.name} | ${defaultOf(spec)} | ${meaningOf(spec)} |`;
    return [row, ...rowsOf(spec.type.keys ?? {}, `${path}.`)];
  });
}

function defaultOf(spec: Key<unknown>): string {
  const { fallback } = spec;
  if (spec.defaultText !== undefined) {
    return spec.defaultText;
  }
  if (fallback === undefined || spec.type.keys !== undefined) {
    return "";
  }
  if (typeof fallback === "number" && spec.type.name === "duration") {
    return `\`"${formatDuration(fallback)}"\``;
  }
  const isEmptyTable = typeof fallback === "object" && !Array.isArray(fallback);
  return isEmptyTable ? "" : `\`${JSON.stringify(fallback)}\``;
}

function meaningOf(spec: Key<unknown>): string {
  const parts = [
    spec.insteadUse === undefined ? "" : `Old; use ${spec.insteadUse}.`,
    spec.doc,
    spec.noEffect === undefined ? "" : `No effect: ${spec.noEffect}.`,
    spec.secret === true ? "Secret." : "",
    spec.environment === undefined ? "" : `Variable: ${spec.environment.map(code).join(", ")}.`,
    spec.datakit === undefined ? "" : `*DataKit:* ${spec.datakit}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function code(text: string): string {
  return `\`${text}\``;
}

function variables(): string {
  const rows = otherVariables.map(({ name, doc }) => `| \`${name}\` | ${doc} |`);
  return `### Other variables\n\n| variable | meaning |\n| --- | --- |\n${rows.join("\n")}\n`;
}
