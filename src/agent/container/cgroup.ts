import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the control groups of this process allow it. Undefined: no limit. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  /** Processors, as a part where the quota is one: 0.5. */
  readonly processors: number | undefined;
}

/** The text of a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** A hierarchy of groups, where it is mounted. */
interface Mount {
  /** The group that the mount point shows: `/`, or that of the container. */
  readonly root: string;
  readonly point: string;
}

/** Of a limit that is none, version 1 says the largest number of whole pages. */
const NO_LIMIT_BYTES = 2 ** 62;

/**
 * Limits of version 1 and 2, from every group on the way up from that of this process: a limit further up counts just as much. A
 * container sees its own group as the root of the mount, or with the host's path before it.
 */
export function readCgroupLimits(read: ReadText = readText): CgroupLimits {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n");
  const mounts = (read("/proc/self/mountinfo") ?? "").split("\n");
  const files = (controller: string, name: string): string[] =>
    groupsOf(controller, groups, mounts).flatMap((group) => read(join(group, name)) ?? []);
  const memory = [
    ...files("", "memory.max"),
    // Beyond it the group is slowed down until it needs less.
    ...files("", "memory.high"),
    ...files("memory", "memory.limit_in_bytes"),
  ];
  const quotas = [
    ...files("", "cpu.max").map((text) => quota(...words(text))),
    ...groupsOf("cpu", groups, mounts).map((group) =>
      quota(read(join(group, "cpu.cfs_quota_us")), read(join(group, "cpu.cfs_period_us"))),
    ),
  ];
  return {
    memoryBytes: least(memory.map((text) => Number.parseInt(text, 10)).filter(isLimit)),
    processors: least(quotas.filter((one) => one !== undefined)),
  };
}

/** Directories of this process' group and of those above it, for a controller of version 1 or, named "", for version 2. */
function groupsOf(
  controller: string,
  groups: readonly string[],
  mounts: readonly string[],
): string[] {
  const path = groups
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .find((match) => match?.[1]?.split(",").includes(controller))?.[2];
  const mount = mounts.map((line) => mountOf(line, controller)).find((one) => one !== undefined);
  if (path === undefined || mount === undefined) return [];
  const within = path === mount.root ? "/" : withoutPrefix(path, mount.root);
  const found = [];
  for (let at = within; at !== "/" && at !== "."; at = dirname(at)) {
    found.push(join(mount.point, at));
  }
  return [...found, mount.point];
}

/** `36 35 98:0 /root /point rw,noatime master:1 - cgroup source rw,memory`, proc(5). */
function mountOf(line: string, controller: string): Mount | undefined {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root, point] = before.split(" ");
  const [type, , options = ""] = after.split(" ");
  const fits =
    controller === ""
      ? type === "cgroup2"
      : type === "cgroup" && options.split(",").includes(controller);
  return fits && root !== undefined && point !== undefined ? { root, point } : undefined;
}

/** A path outside the mount's root is of another namespace: then the root of the mount is all there is to see. */
function withoutPrefix(path: string, root: string): string {
  if (root === "/") return path;
  return path.startsWith(`${root}/`) ? path.slice(root.length) : "/";
}

function quota(most: string | undefined, period: string | undefined): number | undefined {
  const share = Number(most) / Number(period);
  return Number.isFinite(share) && share > 0 ? share : undefined;
}

function words(text: string): [string | undefined, string | undefined] {
  const [first, second] = text.trim().split(" ");
  return [first, second];
}

function isLimit(bytes: number): boolean {
  return bytes > 0 && bytes < NO_LIMIT_BYTES;
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
