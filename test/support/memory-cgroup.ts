import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";

/** Names of the files, by version of the interface. */
const FILES = {
  v1: {
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    kills: "memory.oom_control",
  },
  v2: { limit: "memory.max", peak: "memory.peak", kills: "memory.events" },
} as const;

/** A memory cgroup of our own with a limit, as the kubelet makes one for a container. It is removed when the test ends. */
export class MemoryCgroup {
  readonly directory: string;
  readonly #files: (typeof FILES)["v1" | "v2"];

  private constructor(directory: string, files: (typeof FILES)["v1" | "v2"]) {
    this.directory = directory;
    this.#files = files;
  }

  /** Why it cannot be, as text, where this machine does not let us. */
  static create(limitBytes: number): MemoryCgroup | string {
    const version = existsSync(join(V2, "cgroup.controllers")) ? "v2" : "v1";
    const directory = join(version === "v2" ? V2 : V1, `promline-test-${process.pid}-${++made}`);
    try {
      if (version === "v2") {
        writeFileSync(join(V2, "cgroup.subtree_control"), "+memory");
      }
      mkdirSync(directory);
      onTestFinished(() => remove(directory));
      writeFileSync(join(directory, FILES[version].limit), String(limitBytes));
    } catch (error) {
      return `no memory cgroup (${version}): ${String(error)}`;
    }
    return new MemoryCgroup(directory, FILES[version]);
  }

  /** Processes enter by writing their id here. */
  get processes(): string {
    return join(this.directory, "cgroup.procs");
  }

  /** The most it has held, in bytes, pages of files included. */
  get peakBytes(): number {
    return Number(readFileSync(join(this.directory, this.#files.peak), "utf8"));
  }

  /** How often the kernel killed a process of it for want of memory. */
  get kills(): number {
    const text = readFileSync(join(this.directory, this.#files.kills), "utf8");
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }
}

let made = 0;

/** What ran in it may take a moment to be gone. */
async function remove(directory: string): Promise<void> {
  await until(`${directory} to be empty`, 5000, () => {
    rmdirSync(directory);
    return true;
  });
}
