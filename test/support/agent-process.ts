import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child, type Exit } from "./child.ts";
import { freePort } from "./free-port.ts";
import { type MetricSample, readMetrics } from "./metrics-page.ts";
import { PROGRAM, PROGRAM_ENV } from "./program.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { until } from "./until.ts";

/** The checkout the tests run in. */
export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

export interface AgentOptions {
  /** Drop-ins by file name. */
  readonly conf: Readonly<Record<string, string>>;
  /** ENV_DATAWAY and the like; ENV_HTTP_LISTEN is chosen where it is missing. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text of promline.toml. */
  readonly config?: string;
  /** That of an earlier process, which this one comes after; else a new one. */
  readonly directory?: string;
  /** What a start waits for; ready where it is missing. */
  readonly waitUntil?: "ready" | "healthy";
}

/** What tests look at in a row of `/api/v1/targets`. */
export interface AgentTarget {
  readonly source: string;
  readonly url: string;
  readonly health: string;
  /** `ok`, or the literal reason why the last scrape failed; undefined before the first one. */
  readonly outcome: string | undefined;
  /** Ticks without a scrape, by reason. */
  readonly missedTicks: Readonly<Record<string, number>>;
  /** Columns of the last scrape's ledger. */
  readonly counts: TargetCounts | undefined;
}

/** The ledger of one scrape: lines, and what became of the samples. */
export interface TargetCounts {
  readonly lines: number;
  readonly blank: number;
  readonly comments: number;
  readonly samples: number;
  readonly sent: number;
  readonly points: number;
  readonly filtered: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
  readonly malformed: Readonly<Record<string, number>>;
}

interface TargetsPage {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapePool: string;
      readonly scrapeUrl: string;
      readonly health: string;
      readonly promline: {
        readonly encoding?: string;
        readonly missedTicks: Readonly<Record<string, number>>;
        readonly lastScrape?: { readonly outcome: string; readonly counts: TargetCounts };
      };
    }[];
    readonly promline?: {
      readonly build?: Readonly<Record<string, unknown>>;
      readonly kubernetes?: Readonly<Record<string, unknown>>;
      readonly refusals?: readonly { readonly pod: string; readonly rule: string }[];
    };
  };
}

/** `promline run` as a process of its own. It is killed when the test ends. */
export class AgentProcess {
  readonly directory: string;
  readonly confDirectory: string;
  /** `http://127.0.0.1:port` of the admin server. */
  readonly admin: string;
  readonly child: Child;

  private constructor(directory: string, listen: string, child: Child) {
    this.directory = directory;
    this.confDirectory = join(directory, "conf.d");
    this.admin = `http://${listen}`;
    this.child = child;
  }

  /** Starts it in an empty directory and waits until it is ready. */
  static async start(options: AgentOptions): Promise<AgentProcess> {
    const directory = options.directory ?? scratchDirectory("agent");
    const confDirectory = join(directory, "conf.d");
    mkdirSync(confDirectory, { recursive: true });
    writeTree(confDirectory, options.conf);
    const args = ["run", "--conf-dir", confDirectory];
    if (options.config !== undefined) {
      writeTree(directory, { "promline.toml": options.config });
      args.push("--config", join(directory, "promline.toml"));
    }
    const listen = options.env?.["ENV_HTTP_LISTEN"] ?? `127.0.0.1:${await freePort()}`;
    const env = {
      ...PROGRAM_ENV,
      HOME: directory,
      ENV_HTTP_LISTEN: listen,
      ...(options.env ?? {}),
    };
    const child = new Child(PROGRAM, args, { cwd: directory, env });
    const agent = new AgentProcess(directory, listen, child);
    const { waitUntil = "ready" } = options;
    await until(`promline to be ${waitUntil}`, 15_000, () => agent.#is(waitUntil)).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${child.report}`);
      },
    );
    return agent;
  }

  /** Writes or replaces a drop-in while the agent runs. */
  writeConf(name: string, text: string): void {
    writeTree(this.confDirectory, { [name]: text });
  }

  /** Lines of standard output that are JSON. */
  logs(): readonly Readonly<Record<string, unknown>>[] {
    return this.child.stdout.split("\n").flatMap((line) => {
      try {
        const entry: unknown = JSON.parse(line);
        return typeof entry === "object" && entry !== null ? [{ ...entry }] : [];
      } catch {
        return [];
      }
    });
  }

  async metrics(): Promise<readonly MetricSample[]> {
    return readMetrics(await this.#get("/metrics"));
  }

  async targets(): Promise<readonly AgentTarget[]> {
    const { data } = await this.#page();
    return data.activeTargets.map(({ scrapePool, scrapeUrl, health, promline }) => ({
      source: scrapePool,
      url: scrapeUrl,
      health,
      outcome: promline.lastScrape?.outcome,
      missedTicks: promline.missedTicks,
      counts: promline.lastScrape?.counts,
    }));
  }

  /** What each URL is asked for. */
  async encodings(): Promise<Readonly<Record<string, string | undefined>>> {
    const { data } = await this.#page();
    return Object.fromEntries(
      data.activeTargets.map(({ scrapeUrl, promline }) => [scrapeUrl, promline.encoding]),
    );
  }

  /** What pods ask for and do not get. */
  async refusals(): Promise<readonly { readonly pod: string; readonly rule: string }[]> {
    return (await this.#page()).data.promline?.refusals ?? [];
  }

  /** What runs, and which of its parts are at work. */
  async build(): Promise<Readonly<Record<string, unknown>> | undefined> {
    return (await this.#page()).data.promline?.build;
  }

  /** How well the pods of the node are known; undefined where they are not watched. */
  async kubernetes(): Promise<Readonly<Record<string, unknown>> | undefined> {
    return (await this.#page()).data.promline?.kubernetes;
  }

  async #page(): Promise<TargetsPage> {
    return JSON.parse(await this.#get("/api/v1/targets")) as TargetsPage;
  }

  /** Resident memory in bytes, now and at its highest. */
  memory(): Memory {
    return memoryOf(this.child.pid);
  }

  /** Asks it to stop; gives how it ended and the milliseconds that took. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Exit & { readonly ms: number }> {
    const start = performance.now();
    const exit = await this.child.stop(signal, 15_000);
    return { ...exit, ms: performance.now() - start };
  }

  /** What its readiness probe sees. */
  async readiness(): Promise<{ readonly status: number; readonly text: string }> {
    const ready = await fetch(`${this.admin}/-/ready`, { signal: AbortSignal.timeout(1000) });
    return { status: ready.status, text: await ready.text() };
  }

  async #is(state: "ready" | "healthy"): Promise<true | undefined> {
    this.child.throwIfEnded();
    const answer = await fetch(`${this.admin}/-/${state}`, { signal: AbortSignal.timeout(1000) });
    return answer.ok ? true : undefined;
  }

  async #get(path: string): Promise<string> {
    const found = await fetch(`${this.admin}${path}`, { signal: AbortSignal.timeout(5000) });
    const body = await found.text();
    if (!found.ok) {
      throw new Error(`${path}: ${found.status} ${body.slice(0, 300)}`);
    }
    return body;
  }
}

export interface OnceOptions {
  readonly conf: string;
  /** Bytes in place of the URL's page, given on standard input. */
  readonly page?: Uint8Array | string;
  /** Unix seconds. */
  readonly at?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export interface OnceRun {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of resident memory at its highest. */
  readonly peak: number;
}

/** Runs `promline once` to its end, a minute at most. */
export async function runOnce(options: OnceOptions): Promise<OnceRun> {
  const directory = scratchDirectory("once");
  writeTree(directory, { "once.conf": options.conf });
  const args = ["once", join(directory, "once.conf")];
  if (options.page !== undefined) {
    args.push("--exposition", "-");
  }
  if (options.at !== undefined) {
    args.push("--at", String(options.at));
  }
  const child = new Child(PROGRAM, [...args, ...(options.args ?? [])], {
    cwd: directory,
    env: { ...PROGRAM_ENV, HOME: directory, ...(options.env ?? {}) },
    ...(options.page === undefined ? {} : { input: options.page }),
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, child.exit === undefined ? memoryOf(child.pid).peak : 0);
  }, 20);
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const exit = await child.exited;
  clearTimeout(timer);
  clearInterval(watch);
  return { exit, stdout: child.stdout, stderr: child.stderr, peak };
}

interface Memory {
  readonly resident: number;
  readonly peak: number;
}

function memoryOf(pid: number): Memory {
  let status = "";
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // The process has just ended.
  }
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { resident: kib("VmRSS") * 1024, peak: kib("VmHWM") * 1024 };
}

function writeTree(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
