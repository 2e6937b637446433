import type { ParseArgsOptionsConfig } from "node:util";
import type { CliIo } from "./cli-io.ts";

/** Runs a command with the arguments after its name; resolves to the exit code. */
type CommandMain = (args: readonly string[], io: CliIo) => Promise<number>;

export interface CommandSpec {
  readonly name: string;
  /** After `promline`, as usage shows it. */
  readonly usage: string;
  readonly summary: string;
  /** What each option does, for `--help`. */
  readonly details: readonly (readonly [option: string, meaning: string])[];
  readonly options: ParseArgsOptionsConfig;
  readonly positionals: { readonly min: number; readonly max: number };
  /** Loaded when the command runs and not before: `version` must not pay for the network code of `run`. */
  readonly load: () => Promise<CommandMain>;
}

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    usage: "run [--conf-dir DIR] [--config FILE]",
    summary: "scrape the configured targets and deliver until stopped",
    details: [
      ["--conf-dir DIR", "directory with the *.conf and *.toml drop-ins"],
      ["--config FILE", "settings of the agent (promline.toml)"],
    ],
    options: { "conf-dir": { type: "string" }, config: { type: "string" } },
    positionals: { min: 0, max: 0 },
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    name: "once",
    usage: "once FILE [--exposition PAGE] [--at UNIX_SECONDS] [--config FILE]",
    summary: "scrape every [[inputs.prom]] of FILE one time and print line protocol",
    details: [
      [
        "--exposition PAGE",
        "read the page from this file in place of the URL; - is standard input",
      ],
      ["--at UNIX_SECONDS", "the time of the scrape"],
      ["--config FILE", "settings of the agent (promline.toml): rules for all inputs, global tags"],
    ],
    options: { exposition: { type: "string" }, at: { type: "string" }, config: { type: "string" } },
    positionals: { min: 1, max: 1 },
    load: async () => (await import("./once.ts")).onceCommand,
  },
  {
    name: "check",
    usage: "check [--config FILE] [PATH...]",
    summary: "load files or directories, print every issue and the effective configuration",
    details: [
      ["PATH", "a drop-in or a directory of them; without one, conf_dir of the settings"],
      ["--config FILE", "settings of the agent (promline.toml)"],
    ],
    options: { config: { type: "string" } },
    positionals: { min: 0, max: Number.POSITIVE_INFINITY },
    load: async () => (await import("./check.ts")).checkCommand,
  },
  {
    name: "relabel",
    usage: "relabel [FILE] [--config FILE] (--labels '{...}' | --exposition PAGE)",
    summary: "show what each relabel rule of FILE does to a series or to a page",
    details: [
      ["FILE", "rules in YAML (*.yml, *.yaml), or a drop-in with [[inputs.prom]]"],
      ["--labels '{...}'", "one series, such as 'up{job=\"a\"}'; with __address__ a target"],
      ["--exposition PAGE", "a captured page; - is standard input"],
      ["--flavour NAME", "of rules in YAML: prometheus (the default) or vmagent"],
      ["--config FILE", "settings of the agent (promline.toml): its rules come behind, or alone"],
    ],
    options: {
      labels: { type: "string" },
      exposition: { type: "string" },
      flavour: { type: "string" },
      config: { type: "string" },
    },
    positionals: { min: 0, max: 1 },
    load: async () => (await import("./relabel.ts")).relabelCommand,
  },
  {
    name: "queue",
    usage: "queue [list|inspect|drain] [--dir DIR] [--config FILE]",
    summary: "show the queue on disk, or send what waits there",
    details: [
      ["list", "what is there and what waits for whom (the default); an agent may be running"],
      ["inspect", "each record: number, time, body, points, bytes; an agent may be running"],
      ["drain", "send what waits to the destinations of the settings, without scraping"],
      ["--dir DIR", "the queue; else queue.dir of the settings"],
      ["--config FILE", "settings of the agent (promline.toml)"],
      ["--print lines", "inspect: the points themselves, as line protocol"],
      ["--timeout TIME", "drain: give up after this, 5m if not said; what is left stays"],
    ],
    options: {
      dir: { type: "string" },
      config: { type: "string" },
      print: { type: "string" },
      timeout: { type: "string" },
    },
    positionals: { min: 0, max: 1 },
    load: async () => (await import("./queue.ts")).queueCommand,
  },
  {
    name: "whatif",
    usage:
      "whatif [--filter PATTERN]... [--ignore PATTERN]... [--type TYPE]... [--config FILE] PAGE",
    summary: "show what filters would keep and drop of a page, and the TOML for it",
    details: [
      ["PAGE", "a URL, a captured page, or - for standard input"],
      ["--filter PATTERN", "keep metrics whose name matches (metric_name_filter)"],
      ["--ignore PATTERN", "drop metrics whose name matches (metric_name_filter_ignore)"],
      ["--type TYPE", "keep metrics of this type (metric_types)"],
      [
        "--config FILE",
        "settings of the agent (promline.toml): what its rules make of what is sent",
      ],
    ],
    options: {
      filter: { type: "string" },
      ignore: { type: "string" },
      type: { type: "string" },
      config: { type: "string" },
    },
    positionals: { min: 1, max: 1 },
    load: async () => (await import("./whatif.ts")).whatifCommand,
  },
  {
    name: "version",
    usage: "version [--verbose]",
    summary: "print the version",
    details: [["--verbose", "and the kind of build, Node, and which parts in WebAssembly it has"]],
    options: { verbose: { type: "boolean" } },
    positionals: { min: 0, max: 0 },
    load: async () => (await import("./version.ts")).versionCommand,
  },
];
