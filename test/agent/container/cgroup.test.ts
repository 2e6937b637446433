import { expect, test } from "vitest";
import { readCgroupLimits } from "../../../src/agent/container/cgroup.ts";

function limitsOf(files: Record<string, string>) {
  return readCgroupLimits((path) => files[path]);
}

const V2 = {
  "/proc/self/cgroup": "0::/\n",
  "/proc/self/mountinfo": "30 22 0:27 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n",
};
const V1 = {
  "/proc/self/cgroup": "4:memory:/\n2:cpu,cpuacct:/\n0::/\n",
  "/proc/self/mountinfo": [
    "33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct",
    "34 30 0:31 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
  ].join("\n"),
};
const NO_V1_LIMIT = "9223372036854771712\n";

test("a container of version 2 sees its own group as the root", () => {
  const files = {
    ...V2,
    "/sys/fs/cgroup/memory.max": "201326592\n",
    "/sys/fs/cgroup/cpu.max": "50000 100000\n",
  };
  expect(limitsOf(files)).toEqual({ memoryBytes: 201_326_592, processors: 0.5 });
});

test("the word max is no limit", () => {
  const files = {
    ...V2,
    "/sys/fs/cgroup/memory.max": "max\n",
    "/sys/fs/cgroup/memory.high": "max\n",
    "/sys/fs/cgroup/cpu.max": "max 100000\n",
  };
  expect(limitsOf(files)).toEqual({ memoryBytes: undefined, processors: undefined });
});

test("memory.high counts where it is less", () => {
  const files = {
    ...V2,
    "/sys/fs/cgroup/memory.max": "201326592",
    "/sys/fs/cgroup/memory.high": "100000000",
  };
  expect(limitsOf(files).memoryBytes).toBe(100_000_000);
});

test("the least of all groups on the way up counts, for memory and processors each", () => {
  const files = {
    ...V2,
    "/proc/self/cgroup": "0::/kubepods/pod1/app\n",
    "/sys/fs/cgroup/kubepods/pod1/app/memory.max": "max",
    "/sys/fs/cgroup/kubepods/pod1/memory.max": "300000000",
    "/sys/fs/cgroup/kubepods/memory.max": "900000000",
    "/sys/fs/cgroup/kubepods/pod1/app/cpu.max": "400000 100000",
    "/sys/fs/cgroup/kubepods/cpu.max": "150000 100000",
  };
  expect(limitsOf(files)).toEqual({ memoryBytes: 300_000_000, processors: 1.5 });
});

test("version 1 has a hierarchy for each controller, and -1 for no quota", () => {
  const files = {
    ...V1,
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "201326592\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
  };
  expect(limitsOf(files)).toEqual({ memoryBytes: 201_326_592, processors: undefined });
});

test("version 1 nested: a limit above counts, the number for none does not", () => {
  const files = {
    ...V1,
    "/proc/self/cgroup": "4:memory:/a/b\n2:cpu,cpuacct:/a\n",
    "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": NO_V1_LIMIT,
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "123456789\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": NO_V1_LIMIT,
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "250000\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
  };
  expect(limitsOf(files)).toEqual({ memoryBytes: 123_456_789, processors: 2.5 });
});

test("a mount that shows the container's group alone, under the host's path", () => {
  const path = "/kubepods/burstable/pod1/ctr";
  const files = {
    "/proc/self/cgroup": `4:memory:${path}\n`,
    "/proc/self/mountinfo": `34 30 0:31 ${path} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory`,
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "201326592\n",
  };
  expect(limitsOf(files).memoryBytes).toBe(201_326_592);
});

test("a path of another namespace: what the mount shows counts", () => {
  const files = {
    ...V2,
    "/proc/self/cgroup": "0::/../../other\n",
    "/proc/self/mountinfo": "30 22 0:27 /here /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
    "/sys/fs/cgroup/memory.max": "1000000",
  };
  expect(limitsOf(files).memoryBytes).toBe(1_000_000);
});

test("a machine without control groups has no limits", () => {
  expect(limitsOf({})).toEqual({ memoryBytes: undefined, processors: undefined });
});
