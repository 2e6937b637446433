import { readdir, readFile } from "node:fs/promises";
import { KIB } from "../../src/units.ts";

/** `sysconf(_SC_CLK_TCK)`, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process and all below it have used, from /proc. */
export interface ProcessUsage {
  /** User and system, all threads, seconds. */
  readonly cpuSeconds: number;
  /** VmRSS and VmHWM, bytes. */
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

interface Stat {
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** Undefined where the process is gone. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  let total: ProcessUsage | undefined;
  for (const each of await familyOf(pid)) {
    const stat = await readStat(each);
    const memory = await readMemory(each);
    if (stat === undefined || memory === undefined) {
      continue;
    }
    total = {
      cpuSeconds: (total?.cpuSeconds ?? 0) + stat.cpuSeconds,
      rssBytes: (total?.rssBytes ?? 0) + memory.rssBytes,
      peakRssBytes: (total?.peakRssBytes ?? 0) + memory.peakRssBytes,
    };
  }
  return total;
}

/** A process and its descendants: an agent may be started by a launcher that stays. */
async function familyOf(pid: number): Promise<Set<number>> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    const each = Number(name);
    const stat = Number.isInteger(each) ? await readStat(each) : undefined;
    if (stat !== undefined) {
      parents.set(each, stat.parent);
    }
  }
  const family = new Set([pid]);
  let before = 0;
  while (family.size > before) {
    before = family.size;
    for (const [each, parent] of parents) {
      if (family.has(parent)) {
        family.add(each);
      }
    }
  }
  return family;
}

/** /proc/PID/stat, proc(5): `pid (comm) state ppid …`, utime and stime are fields 14 and 15; comm may hold anything. */
async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readProc(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) {
    return undefined;
  }
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

async function readMemory(
  pid: number,
): Promise<Pick<ProcessUsage, "rssBytes" | "peakRssBytes"> | undefined> {
  const text = await readProc(`/proc/${pid}/status`);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(text ?? "")?.[1];
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(text ?? "")?.[1];
  return rss === undefined || peak === undefined
    ? undefined
    : { rssBytes: Number(rss) * KIB, peakRssBytes: Number(peak) * KIB };
}

async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
