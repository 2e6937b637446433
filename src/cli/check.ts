import { parseArgs } from "node:util";
import { loadConfDir } from "../config/conf-dir.ts";
import { renderEffective } from "../config/effective.ts";
import { type Environment, processEnvironment } from "../config/environment.ts";
import { formatIssue } from "../config/issue-text.ts";
import { loadAgentSettings } from "../config/load-agent-settings.ts";
import type { ConfigIssue, LocatedInput } from "../config/prom-input.ts";

const HELP = `Usage: promline check [--config FILE] [PATH…]

Loads drop-ins (files or directories; without a PATH the conf_dir of the settings), says everything that is wrong as
file:line:column: key: what is wrong, then prints the effective configuration with secrets masked.

  --config FILE  the agent's settings (promline.toml)
  --help         this text

Exit codes: 0 fine (there may be warnings), 2 an error in the configuration or in the usage.
`;

export interface CommandOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** `promline check`: issues on standard error, the effective configuration on standard output. Resolves to the exit code. */
export async function checkCommand(
  args: readonly string[],
  io: CommandOutput,
  environment: Environment = processEnvironment(),
): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === "string") {
    io.stderr(`${parsed}\n\n${HELP}`);
    return 2;
  }
  if (parsed.help) {
    io.stdout(HELP);
    return 0;
  }
  const { settings, issues } = await loadAgentSettings(parsed.config, environment);
  const found = await loadAll(
    parsed.paths.length > 0 ? parsed.paths : [settings.confDir],
    environment,
  );
  const all = [...issues, ...found.issues];
  for (const issue of all) {
    io.stderr(`${formatIssue(issue)}\n`);
  }
  io.stdout(renderEffective(found.inputs, settings));
  const errors = all.filter((issue) => issue.severity === "error").length;
  const counts = `inputs: ${found.inputs.length}, errors: ${errors}, warnings: ${all.length - errors}`;
  io.stderr(`${counts}\n`);
  return errors > 0 ? 2 : 0;
}

function parse(
  args: readonly string[],
): { paths: readonly string[]; config: string | undefined; help: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    return { paths: positionals, config: values.config, help: values.help ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `ENV_DATAKIT_INPUTS` comes with the first path only. */
async function loadAll(
  paths: readonly string[],
  environment: Environment,
): Promise<{ inputs: LocatedInput[]; issues: ConfigIssue[] }> {
  const inputs: LocatedInput[] = [];
  const issues: ConfigIssue[] = [];
  for (const [index, path] of paths.entries()) {
    const loaded = await loadConfDir(
      path,
      index === 0 ? environment : { ...environment, ENV_DATAKIT_INPUTS: undefined },
    );
    inputs.push(...loaded.inputs);
    issues.push(...loaded.issues);
  }
  return { inputs, issues };
}
