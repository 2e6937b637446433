import type { CliIo } from "./cli-io.ts";
import {
  type CommandOptions,
  checkOptions,
  onceOptions,
  queueOptions,
  relabelOptions,
  runOptions,
  versionOptions,
  whatifOptions,
} from "./command-options.ts";

/** Runs a command with the arguments after its name; resolves to the exit code. */
type CommandMain = (args: readonly string[], io: CliIo) => Promise<number>;

export interface CommandSpec {
  readonly name: string;
  /** After `promline`, as usage shows it. */
  readonly usage: string;
  readonly summary: string;
  /** What stands there without an option, for `--help`. */
  readonly arguments: readonly (readonly [name: string, meaning: string])[];
  readonly options: CommandOptions;
  readonly positionals: { readonly min: number; readonly max: number };
  /** Loaded when the command runs and not before: `version` must not pay for the network code of `run`. */
  readonly load: () => Promise<CommandMain>;
}

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    usage: "run [--conf-dir DIR] [--config FILE]",
    summary: "scrape the configured targets and deliver until stopped",
    arguments: [],
    options: runOptions,
    positionals: { min: 0, max: 0 },
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    name: "once",
    usage: "once FILE [--exposition PAGE] [--at UNIX_SECONDS] [--config FILE]",
    summary: "scrape every [[inputs.prom]] of FILE one time and print line protocol",
    arguments: [],
    options: onceOptions,
    positionals: { min: 1, max: 1 },
    load: async () => (await import("./once.ts")).onceCommand,
  },
  {
    name: "check",
    usage: "check [--config FILE] [PATH...]",
    summary: "load files or directories, print every issue and the effective configuration",
    arguments: [
      ["PATH", "a drop-in or a directory of them; without one, conf_dir of the settings"],
    ],
    options: checkOptions,
    positionals: { min: 0, max: Number.POSITIVE_INFINITY },
    load: async () => (await import("./check.ts")).checkCommand,
  },
  {
    name: "relabel",
    usage: "relabel [FILE] [--config FILE] (--labels '{...}' | --exposition PAGE)",
    summary: "show what each relabel rule of FILE does to a series or to a page",
    arguments: [["FILE", "rules in YAML (*.yml, *.yaml), or a drop-in with [[inputs.prom]]"]],
    options: relabelOptions,
    positionals: { min: 0, max: 1 },
    load: async () => (await import("./relabel.ts")).relabelCommand,
  },
  {
    name: "queue",
    usage: "queue [list|inspect|drain] [--dir DIR] [--config FILE]",
    summary: "show the queue on disk, or send what waits there",
    arguments: [
      ["list", "what is there and what waits for whom (the default); an agent may be running"],
      ["inspect", "each record: number, time, body, points, bytes; an agent may be running"],
      ["drain", "send what waits to the destinations of the settings, without scraping"],
    ],
    options: queueOptions,
    positionals: { min: 0, max: 1 },
    load: async () => (await import("./queue.ts")).queueCommand,
  },
  {
    name: "whatif",
    usage:
      "whatif [--filter PATTERN]... [--ignore PATTERN]... [--type TYPE]... [--config FILE] PAGE",
    summary: "show what filters would keep and drop of a page, and the TOML for it",
    arguments: [["PAGE", "a URL, a captured page, or - for standard input"]],
    options: whatifOptions,
    positionals: { min: 1, max: 1 },
    load: async () => (await import("./whatif.ts")).whatifCommand,
  },
  {
    name: "version",
    usage: "version [--verbose]",
    summary: "print the version",
    arguments: [],
    options: versionOptions,
    positionals: { min: 0, max: 0 },
    load: async () => (await import("./version.ts")).versionCommand,
  },
];
