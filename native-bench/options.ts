import { parseArgs } from "node:util";
import type { Programs } from "./bench-environment.ts";
import { CONTENDERS, type ContenderName } from "./contenders/contender.ts";
import { FULL_SETTINGS, type RunSettings, SMOKE_SETTINGS } from "./measure/run-settings.ts";
import { NETWORKS } from "./network/find-network.ts";

/** What the command line asks for. */
export interface BenchOptions {
  readonly settings: RunSettings;
  /** Names of workloads; empty: all. */
  readonly workloads: readonly string[];
  /** Each workload also with targets that compress. */
  readonly gzip: boolean;
  readonly network: (typeof NETWORKS)[number] | undefined;
  readonly programs: Programs;
  readonly contenders: readonly ContenderName[];
  readonly agents: boolean;
  readonly lanes: "none" | "relabel" | "all";
  /** What a lane allocates. */
  readonly heap: boolean;
  /** Of the result file. */
  readonly name: string | undefined;
}

export type ParsedOptions =
  | { readonly kind: "options"; readonly options: BenchOptions }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string };

export const HELP = `usage: npm run bench -- [options] [workload...]

Measures the agent beside its peers, and its parts alone. Workloads: W1 W2 W3 W4 W5 W6 W7 relabel, or one
step of them (W4-busy, W7-100), with -gzip one whose targets compress (W1-gzip), "lanes" for the in-process
lanes, "heap" for what a lane allocates; without any: everything, which takes some six hours.

  --smoke              small numbers, a minute in all; fails where anything does not work
  --contenders a,b     of ${CONTENDERS.join(", ")}
  --runs N             runs of each contender, in turns; the table shows medians (${FULL_SETTINGS.runs})
  --warm-up SECONDS    from the start to the window, reported by itself (${FULL_SETTINGS.warmUp})
  --window SECONDS     measured, rounded up to whole intervals (${FULL_SETTINGS.window})
  --gzip               each workload also with targets that compress for whoever asks
  --network KIND       pods: addresses of pods in network namespaces; loopback: 127/8 (pods where possible)
  --program PATH       promline to measure: bin/promline of an image root or an installed package (this checkout)
  --vmagent PATH       (vmagent), see native-bench/peers.sh for current versions
  --prometheus PATH    (prometheus)
  --seed N             of the pages (${FULL_SETTINGS.seed})
  --name NAME          of the result file, native-bench/results/NAME.json
  --help
`;

export function parseOptions(argv: readonly string[]): ParsedOptions {
  try {
    return readOptions(argv);
  } catch (error) {
    return { kind: "wrong", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws what is wrong. */
function readOptions(argv: readonly string[]): ParsedOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      smoke: { type: "boolean", default: false },
      contenders: { type: "string", default: CONTENDERS.join(",") },
      runs: { type: "string" },
      "warm-up": { type: "string" },
      window: { type: "string" },
      gzip: { type: "boolean", default: false },
      network: { type: "string" },
      program: { type: "string" },
      vmagent: { type: "string" },
      prometheus: { type: "string" },
      seed: { type: "string" },
      name: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    return { kind: "help" };
  }
  const base = values.smoke ? SMOKE_SETTINGS : FULL_SETTINGS;
  const settings: RunSettings = {
    ...base,
    runs: wholeNumber("--runs", values.runs, base.runs, 1),
    warmUp: wholeNumber("--warm-up", values["warm-up"], base.warmUp, 0),
    window: wholeNumber("--window", values.window, base.window, 1),
    seed: wholeNumber("--seed", values.seed, base.seed, 0),
  };
  const workloads = positionals.filter((name) => name !== "lanes" && name !== "heap");
  const all = positionals.length === 0;
  const options: BenchOptions = {
    settings,
    workloads,
    gzip: values.gzip,
    network: networkName(values.network),
    programs: {
      program: values.program,
      vmagent: values.vmagent,
      prometheus: values.prometheus,
    },
    contenders: values.contenders.split(",").map(contenderName),
    agents: all || workloads.length > 0,
    lanes: all || positionals.includes("lanes") ? "all" : asksRelabel(positionals),
    heap: all || positionals.includes("heap"),
    name: fileName(values.name),
  };
  return { kind: "options", options };
}

/** With the workloads of that name the lanes that show what the first scrape takes. */
function asksRelabel(names: readonly string[]): "none" | "relabel" {
  return names.includes("relabel") ? "relabel" : "none";
}

function wholeNumber(
  option: string,
  text: string | undefined,
  otherwise: number,
  least: number,
): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${option} is a whole number of at least ${least}, not ${text}`);
  }
  return value;
}

function contenderName(text: string): ContenderName {
  const name = CONTENDERS.find((contender) => contender === text);
  if (name === undefined) {
    throw new Error(`no contender is called ${text}: ${CONTENDERS.join(", ")}`);
  }
  return name;
}

function networkName(text: string | undefined): BenchOptions["network"] {
  const name = NETWORKS.find((network) => network === text);
  if (text !== undefined && name === undefined) {
    throw new Error(`--network is one of ${NETWORKS.join(", ")}, not ${text}`);
  }
  return name;
}

function fileName(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\w.-]+$/.test(text)) {
    throw new Error(`--name takes letters, digits, dots, hyphens, not ${text}`);
  }
  return text;
}
