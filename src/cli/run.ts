import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Agent } from "../agent/agent.ts";
import { systemClock } from "../clock.ts";
import { loadConfDir } from "../config/input/conf-dir.ts";
import { type Environment, processEnvironment } from "../config/language/environment.ts";
import { formatIssue } from "../config/language/issue-text.ts";
import type { AgentSettings } from "../config/settings/agent-settings.ts";
import { loadAgentSettings } from "../config/settings/load-agent-settings.ts";
import { LineOutput } from "../line-output.ts";
import { nonBlockingWrite } from "../non-blocking-write.ts";
import { StartSignals } from "../start-signals.ts";
import { StopRequest } from "../stop-request.ts";
import { type CliIo, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./cli-io.ts";
import { runOptions } from "./command-options.ts";

/** What the last lines get where their reader stalls. */
const LAST_LINES_MS = 500;

/** What the agent writes, and what it is told. Neither output ever waits for its reader. */
interface Surroundings {
  readonly output: LineOutput;
  readonly errors: LineOutput;
  readonly signals: StartSignals;
}

/** `promline run`: the agent, until SIGINT or SIGTERM. Resolves to the exit code. */
export async function runCommand(args: readonly string[], io: CliIo): Promise<number> {
  const clock = systemClock;
  const output = new LineOutput({ clock, write: nonBlockingWrite(1) });
  const errors = new LineOutput({ clock, write: nonBlockingWrite(2) });
  const code = await run(args, { output, errors, signals: io.signals ?? new StartSignals() });
  await Promise.all([output.flush(LAST_LINES_MS), errors.flush(LAST_LINES_MS)]);
  return code;
}

async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const { errors } = around;
  const { values } = parseArgs({
    args: [...args],
    options: runOptions,
  });
  const environment = processEnvironment();
  const loaded = await loadAgentSettings(values.config, environment);
  for (const issue of loaded.issues) {
    errors.write(`${formatIssue(issue)}\n`);
  }
  if (loaded.issues.some(({ severity }) => severity === "error")) {
    return EXIT_USAGE;
  }
  const confDir = values["conf-dir"] ?? loaded.settings.confDir;
  if (!(await isDirectory(confDir))) {
    errors.write(`promline: ${confDir} is not a readable directory; name one with --conf-dir\n`);
    return EXIT_USAGE;
  }
  const loadSettings = async () => (await loadAgentSettings(values.config, environment)).settings;
  return runAgent({ ...loaded.settings, confDir }, loadSettings, environment, around);
}

async function runAgent(
  settings: AgentSettings,
  loadSettings: () => Promise<AgentSettings>,
  environment: Environment,
  { output, errors, signals }: Surroundings,
): Promise<number> {
  const terminal = settings.log.format === "pretty" || isTerminal(settings.log.format);
  const agent = new Agent({
    settings,
    clock: systemClock,
    loadSettings,
    loadConf: () => loadConfDir(settings.confDir, environment),
    output,
    ...(terminal && { terminal: { color: process.stdout.isTTY === true } }),
  });
  const stopped = Promise.withResolvers<void>();
  const forced = Promise.withResolvers<number>();
  const request = new StopRequest();
  signals.obeyWith((name, atMs) => {
    const wish = name === "SIGHUP" ? "reload" : request.signal(atMs);
    switch (wish) {
      case "reload":
        agent.reload();
        break;
      case "stop":
        stopped.resolve();
        break;
      case "hurry":
        agent.hurry();
        break;
      case "force":
        errors.write("promline: ended by a third signal: what was not delivered yet is lost\n");
        forced.resolve(EXIT_FAILED);
        break;
      case "same":
        break;
    }
  });
  return Promise.race([live(agent, stopped.promise, errors), forced.promise]);
}

async function live(agent: Agent, stopped: Promise<void>, errors: LineOutput): Promise<number> {
  const trouble = await agent.start();
  if (trouble !== undefined) {
    errors.write(`promline: ${trouble}\n`);
    return EXIT_FAILED;
  }
  await stopped;
  return (await agent.stop()) > 0 ? EXIT_FAILED : EXIT_OK;
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
