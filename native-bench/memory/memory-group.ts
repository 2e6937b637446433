import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB } from "../../src/units.ts";

/** The names that one version of the kernel's interface has for what is asked here. */
interface Interface {
  readonly parent: string;
  readonly limit: string;
  /** More files to write before the first process: swap counts as memory, and is none here. */
  readonly without: readonly (readonly [file: string, text: string])[];
  readonly peak: string;
  readonly kills: string;
  /** Fields of `memory.stat`. */
  readonly anonymous: string;
  readonly mapped: string;
}

const V1: Interface = {
  parent: "/sys/fs/cgroup/memory",
  limit: "memory.limit_in_bytes",
  without: [["memory.swappiness", "0"]],
  peak: "memory.max_usage_in_bytes",
  kills: "memory.oom_control",
  anonymous: "rss",
  mapped: "mapped_file",
};

const V2: Interface = {
  parent: "/sys/fs/cgroup",
  limit: "memory.max",
  without: [["memory.swap.max", "0"]],
  peak: "memory.peak",
  kills: "memory.events",
  anonymous: "anon",
  mapped: "file_mapped",
};

export interface GroupUsage {
  readonly anonymousBytes: number;
  readonly mappedBytes: number;
  /** Pages of files read again because there was no room to keep them, since the start: a process that is short of memory waits for these. */
  readonly refaults: number;
}

/** A memory cgroup of its own, as a container's limit makes one. */
export class MemoryGroup {
  readonly #at: string;
  readonly #names: Interface;

  private constructor(at: string, names: Interface) {
    this.#at = at;
    this.#names = names;
  }

  /** Undefined where this machine or user may not make one; `why` says so. */
  static async make(
    name: string,
    limitBytes: number,
  ): Promise<MemoryGroup | { readonly why: string }> {
    const names = existsSync(join(V1.parent, V1.limit)) ? V1 : V2;
    const at = join(names.parent, name);
    try {
      if (names === V2) await writeFile(join(V2.parent, "cgroup.subtree_control"), "+memory");
      await mkdir(at);
      await writeFile(join(at, names.limit), String(limitBytes));
    } catch (error) {
      await rmdir(at).catch(() => undefined);
      return { why: error instanceof Error ? error.message : String(error) };
    }
    // Machines without swap do not have these files.
    for (const [file, text] of names.without) {
      await writeFile(join(at, file), text).catch(() => undefined);
    }
    return new MemoryGroup(at, names);
  }

  /** A command that runs `file` in this group. */
  command(file: string, args: readonly string[]): readonly [string, readonly string[]] {
    const script = 'echo $$ > "$0" && exec "$@"';
    return ["/bin/sh", ["-c", script, join(this.#at, "cgroup.procs"), file, ...args]];
  }

  async usage(): Promise<GroupUsage> {
    const stat = await this.#read("memory.stat");
    return {
      anonymousBytes: field(stat, this.#names.anonymous),
      mappedBytes: field(stat, this.#names.mapped),
      refaults: field(stat, "workingset_refault_file"),
    };
  }

  /** Highest since the group was made, page cache included; the limit where the kernel had to reclaim. */
  async peakBytes(): Promise<number> {
    return Number(await this.#read(this.#names.peak));
  }

  /** Processes that the kernel killed for want of memory. */
  async kills(): Promise<number> {
    return field(await this.#read(this.#names.kills), "oom_kill");
  }

  /** Where the processes in it have just ended. */
  async remove(): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        await rmdir(this.#at);
        return;
      } catch {
        await sleep(100);
      }
    }
  }

  #read(file: string): Promise<string> {
    return readFile(join(this.#at, file), "utf8");
  }
}

export function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}
