import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Agent } from "../agent/agent.ts";
import { systemClock } from "../clock.ts";
import { loadConfDir } from "../config/input/conf-dir.ts";
import { processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import type { AgentSettings } from "../config/settings/agent-settings.ts";
import { loadAgentSettings } from "../config/settings/load-agent-settings.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";

/** `promline run`: the agent, until SIGINT or SIGTERM. Resolves to the exit code. */
export async function runCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { "conf-dir": { type: "string" }, config: { type: "string" } },
  });
  const environment = processEnvironment();
  const loaded = await loadAgentSettings(values.config, environment);
  for (const issue of loaded.issues) {
    io.stderr(`${formatIssue(issue)}\n`);
  }
  if (loaded.issues.some(({ severity }) => severity === "error")) {
    return EXIT_USAGE;
  }
  const confDir = values["conf-dir"] ?? loaded.settings.confDir;
  if (!(await isDirectory(confDir))) {
    io.stderr(`promline: ${confDir} is no directory that can be read; name one with --conf-dir\n`);
    return EXIT_USAGE;
  }
  const loadSettings = async () => (await loadAgentSettings(values.config, environment)).settings;
  return runAgent({ ...loaded.settings, confDir }, loadSettings, environment, io);
}

async function runAgent(
  settings: AgentSettings,
  loadSettings: () => Promise<AgentSettings>,
  environment: ReturnType<typeof processEnvironment>,
  io: CliIo,
): Promise<number> {
  const terminal = settings.log.format === "pretty" || isTerminal(settings.log.format);
  const agent = new Agent({
    settings,
    clock: systemClock,
    loadSettings,
    loadConf: () => loadConfDir(settings.confDir, environment),
    ...(terminal && { terminal: { color: process.stdout.isTTY === true, say: io.stdout } }),
  });
  const stopped = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) {
      agent.hurry();
    }
    stopped.resolve();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", () => agent.reload());
  const trouble = await agent.start();
  if (trouble !== undefined) {
    io.stderr(`promline: ${trouble}\n`);
    return EXIT_FAILED;
  }
  await stopped.promise;
  await agent.stop();
  return EXIT_OK;
}

function isTerminal(format: AgentSettings["log"]["format"]): boolean {
  return format === "auto" && process.stdout.isTTY === true;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
