import { parseArgs } from "node:util";
import { encodingNotes } from "../agent/commands/encoding-notes.ts";
import { renderEffective } from "../config/effective.ts";
import { loadConfDir } from "../config/input/conf-dir.ts";
import type { LocatedInput } from "../config/input/prom-input.ts";
import type { ConfigIssue } from "../config/language/config-issue.ts";
import { type Environment, processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import { loadAgentSettings } from "../config/settings/load-agent-settings.ts";
import { tlsFileTroubles } from "../tls/tls-file-troubles.ts";
import { type CliIo, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { checkOptions } from "./command-options.ts";

/** `promline check`: issues on standard error, the effective configuration on standard output. Resolves to the exit code. */
export async function checkCommand(
  args: readonly string[],
  io: Pick<CliIo, "stdout" | "stderr">,
  environment: Environment = processEnvironment(),
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: checkOptions,
    allowPositionals: true,
  });
  const { settings, issues } = await loadAgentSettings(values.config, environment);
  const found = await loadAll(
    positionals.length > 0 ? positionals : [settings.confDir],
    environment,
  );
  const all = [...issues, ...found.issues, ...found.inputs.flatMap(tlsFileIssues)];
  for (const issue of all) {
    io.stderr(`${formatIssue(issue)}\n`);
  }
  io.stdout(renderEffective(found.inputs, settings, encodingNotes()));
  const errors = all.filter((issue) => issue.severity === "error").length;
  const counts = `inputs: ${found.inputs.length}, errors: ${errors}, warnings: ${all.length - errors}`;
  io.stderr(`${counts}\n`);
  return errors > 0 ? EXIT_USAGE : EXIT_OK;
}

/** Said as warnings, since files may come after the configuration; until then the target's scrapes fail as `tls_files`. */
function tlsFileIssues({ input, file, position }: LocatedInput): ConfigIssue[] {
  return (input.tls === undefined ? [] : tlsFileTroubles(input.tls)).map(({ key, text }) => ({
    severity: "warning",
    file,
    ...(position && { position }),
    key: `inputs.prom.${key}`,
    message: text,
  }));
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
