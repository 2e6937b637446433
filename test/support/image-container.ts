import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { Child, type Exit } from "./child.ts";
import { composeRoot } from "./container-root.ts";
import { MemoryCgroup } from "./memory-cgroup.ts";
import { type MetricSample, readMetrics } from "./metrics-page.ts";
import { PodNetwork } from "./pod-network.ts";
import { PROGRAM_ENV } from "./program.ts";
import { releaseDirectory, releaseFile, unpacked } from "./release.ts";
import { scratchDirectory } from "./scratch-directory.ts";
import { requireService, skipOrFail } from "./services.ts";
import { until } from "./until.ts";

const ENTER = fileURLToPath(new URL("./enter-container.sh", import.meta.url));
const USER = 65_532;
const ADMIN_PORT = 9529;
/** As the Dockerfile says. */
const COMMAND = ["/usr/local/bin/promline", "run", "--conf-dir", "/etc/promline/conf.d"];

export interface ContainerOptions {
  /** The limit of its memory cgroup, in bytes; undefined: none. */
  readonly memoryBytes?: number;
  /** What the agent takes for the number of CPUs; undefined: those of this machine. */
  readonly believedCpus?: number;
  /** More files of the root, by whole path, such as /etc/resolv.conf. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface ContainerRun {
  readonly env: Readonly<Record<string, string>>;
  /** More arguments of `promline run`. */
  readonly args?: readonly string[];
}

/**
 * The image as a node runs it, without an engine: the image root of the release on what a Debian base has, read-only, in
 * namespaces of its own; uid 65532, no capability, no new privileges; drop-ins and queue mounted as in the manifests, and a
 * memory cgroup where this machine lets us make one. What an engine adds and this does not: its seccomp profile.
 *
 * The container is what stays: it can be started again, with its queue.
 */
export class ImageContainer {
  readonly network: PodNetwork;
  /** Why there is no limit although one was asked for. */
  readonly noCgroup: string | undefined;
  readonly cgroup: MemoryCgroup | undefined;
  readonly confDirectory: string;
  readonly dataDirectory: string;
  readonly #root: string;
  readonly #node: string;
  readonly #believedCpus: number | undefined;
  #child: Child | undefined;

  private constructor(directory: string, options: ContainerOptions) {
    this.#root = join(directory, "root");
    this.confDirectory = join(directory, "conf.d");
    this.dataDirectory = join(directory, "data");
    this.#node = PROGRAM_ENV["PROMLINE_NODE"] ?? process.execPath;
    this.#believedCpus = options.believedCpus;
    this.network = new PodNetwork();
    const { memoryBytes } = options;
    const cgroup = memoryBytes === undefined ? undefined : MemoryCgroup.create(memoryBytes);
    this.noCgroup = typeof cgroup === "string" ? cgroup : undefined;
    this.cgroup = typeof cgroup === "string" ? undefined : cgroup;
  }

  /** Needs root, and npm or PROMLINE_RELEASE; where there is neither the running test is skipped. */
  static async create(
    context: TestContext,
    options: ContainerOptions = {},
  ): Promise<ImageContainer> {
    if (process.getuid?.() !== 0) {
      skipOrFail(context, "only root may make namespaces");
    }
    for (const program of ["ip", "nsenter", "unshare", "setpriv"] as const) {
      requireService(context, program);
    }
    const imageRoot = await unpacked(releaseFile(await releaseDirectory(context), "image-root"));
    const container = new ImageContainer(scratchDirectory("container"), options);
    container.#prepare(imageRoot, options.files ?? {});
    return container;
  }

  /** Writes or replaces a drop-in. */
  writeConf(name: string, text: string): void {
    writeFileSync(join(this.confDirectory, name), text);
  }

  /** Starts the agent and waits until it is ready. */
  async start({ env, args = [] }: ContainerRun): Promise<void> {
    this.#child = this.run([...COMMAND, ...args], env);
    await until("the container to be ready", 30_000, () => this.#isReady()).catch((error) => {
      throw new Error(`${String(error)}\n${this.report}`);
    });
  }

  /** Runs a command as process 1, in place of the agent. */
  run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
    const enter = [ENTER, this.#root, this.#node, this.confDirectory, this.dataDirectory];
    const namespaces = ["--mount", "--pid", "--fork", "--ipc", "--uts", "--cgroup", "--kill-child"];
    const unshare = ["nsenter", `--net=${this.network.path}`, "unshare", ...namespaces];
    // A process is in the cgroup before it takes memory.
    const script = 'echo $$ > "$1"; shift; exec "$@"';
    const processes = this.cgroup?.processes ?? "/dev/null";
    const args = ["-c", script, "sh", processes, ...unshare, ...enter, ...command];
    return new Child("/bin/sh", args, { env: this.#environment(env) });
  }

  /** Stops it as the kubelet does; gives how it ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM", timeoutMs = 15_000): Promise<Exit> {
    process.kill(this.pid, signal);
    const timer = setTimeout(() => this.#running.kill("SIGKILL"), timeoutMs);
    try {
      return await this.#running.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Of the agent, as this machine counts. Inside it is 1. */
  get pid(): number {
    const pid = this.pidIn(this.#running);
    if (pid === undefined) {
      throw new Error(`the container has no process\n${this.report}`);
    }
    return pid;
  }

  /** Of the process 1 of a run, once it is there. */
  pidIn({ pid }: Child): number | undefined {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }

  /** Lines of `/proc/…/status` of the agent, by name. */
  status(): ReadonlyMap<string, string> {
    const text = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return new Map(
      text.split("\n").map((line) => {
        const [name = "", value = ""] = line.split(/:\s*/, 2);
        return [name, value.trim()] as const;
      }),
    );
  }

  /** What is mounted, with the options of each mount (`ro,nosuid,…`), by mount point as the agent sees it. */
  mounts(): ReadonlyMap<string, string> {
    const lines = readFileSync(`/proc/${this.pid}/mountinfo`, "utf8").split("\n");
    return new Map(
      lines.map((line) => {
        const [, , , , point = "", options = ""] = line.split(" ");
        return [point, options] as const;
      }),
    );
  }

  /** `http://address:port` of the admin server, as a probe of the kubelet sees it. */
  get admin(): string {
    return `http://${this.network.pod}:${ADMIN_PORT}`;
  }

  async metrics(): Promise<readonly MetricSample[]> {
    const page = await fetch(`${this.admin}/metrics`, { signal: AbortSignal.timeout(5000) });
    return readMetrics(await page.text());
  }

  /** What it has written, for failure messages and for its log. */
  get report(): string {
    return this.#running.report;
  }

  get #running(): Child {
    if (this.#child === undefined) {
      throw new Error("the container was not started");
    }
    return this.#child;
  }

  #prepare(imageRoot: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(this.#root);
    mkdirSync(this.confDirectory);
    mkdirSync(this.dataDirectory);
    chownSync(this.dataDirectory, USER, USER);
    composeRoot(this.#root, imageRoot, this.#node);
    const cpus = this.#believedCpus;
    const more = cpus === undefined ? {} : { [CPUS_FILE]: cpusModule(cpus) };
    for (const [path, text] of Object.entries({ ...files, ...more })) {
      mkdirSync(join(this.#root, dirname(path)), { recursive: true });
      writeFileSync(join(this.#root, path), text);
    }
  }

  #environment(env: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/",
      ENV_HTTP_LISTEN: `:${ADMIN_PORT}`,
      ...(this.#believedCpus === undefined ? {} : { NODE_OPTIONS: `--import=${CPUS_FILE}` }),
      ...env,
    };
  }

  async #isReady(): Promise<true | undefined> {
    this.#running.throwIfEnded();
    const ready = await fetch(`${this.admin}/-/ready`, { signal: AbortSignal.timeout(1000) });
    return ready.ok ? true : undefined;
  }
}

const CPUS_FILE = "/opt/believed-cpus.mjs";

/** Has the process believe in so many CPUs. */
function cpusModule(cpus: number): string {
  return `import os from "node:os";
import { syncBuiltinESMExports } from "node:module";
os.availableParallelism = () => ${cpus};
syncBuiltinESMExports();
`;
}
