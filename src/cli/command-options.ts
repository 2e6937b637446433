/** An option of a command: how Node's `parseArgs` reads it, and what help says of it. */
interface CommandOption {
  readonly type: "string" | "boolean";
  readonly multiple?: true;
  /** As help names the value: `FILE`. */
  readonly value?: string;
  readonly meaning: string;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

const config = {
  type: "string",
  value: "FILE",
  meaning: "settings of the agent (promline.toml)",
} as const satisfies CommandOption;

const exposition = {
  type: "string",
  value: "PAGE",
  meaning: "a captured page; - is standard input",
} as const satisfies CommandOption;

export const runOptions = {
  "conf-dir": {
    type: "string",
    value: "DIR",
    meaning: "directory with the *.conf and *.toml drop-ins",
  },
  config,
} as const satisfies CommandOptions;

export const onceOptions = {
  exposition: {
    ...exposition,
    meaning: "read the page from this file in place of the URL; - is standard input",
  },
  at: { type: "string", value: "UNIX_SECONDS", meaning: "the time of the scrape" },
  config: { ...config, meaning: `${config.meaning}: rules for all inputs, global tags` },
} as const satisfies CommandOptions;

export const checkOptions = { config } as const satisfies CommandOptions;

export const relabelOptions = {
  labels: {
    type: "string",
    value: "'{...}'",
    meaning: "one series, such as 'up{job=\"a\"}'; with __address__ a target",
  },
  exposition,
  flavour: {
    type: "string",
    value: "NAME",
    meaning: "of rules in YAML: prometheus (the default) or vmagent",
  },
  config: { ...config, meaning: `${config.meaning}: its rules come last, or alone` },
} as const satisfies CommandOptions;

export const queueOptions = {
  dir: { type: "string", value: "DIR", meaning: "the queue; else queue.dir of the settings" },
  config,
  print: {
    type: "string",
    value: "lines",
    meaning: "inspect: the points themselves, as line protocol",
  },
  timeout: {
    type: "string",
    value: "TIME",
    meaning: "drain: give up after this, 5m by default; what is left stays",
  },
} as const satisfies CommandOptions;

export const whatifOptions = {
  filter: {
    type: "string",
    multiple: true,
    value: "PATTERN",
    meaning: "keep metrics whose name matches (metric_name_filter)",
  },
  ignore: {
    type: "string",
    multiple: true,
    value: "PATTERN",
    meaning: "drop metrics whose name matches (metric_name_filter_ignore)",
  },
  type: {
    type: "string",
    multiple: true,
    value: "TYPE",
    meaning: "keep metrics of this type (metric_types)",
  },
  config: { ...config, meaning: `${config.meaning}: show what its rules do with what is kept` },
} as const satisfies CommandOptions;

export const versionOptions = {
  verbose: {
    type: "boolean",
    meaning: "also the kind of build, Node, and which WebAssembly parts are at work",
  },
} as const satisfies CommandOptions;
