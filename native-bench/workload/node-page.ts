import { type Family, PageBuilder } from "./page-builder.ts";
import type { Behaviour, PageLayout } from "./page-layout.ts";
import type { PageRecipe } from "./page-recipe.ts";
import type { Random } from "./random.ts";

/** Share of a node exporter's series that differ after 15 s on an idle machine. */
const MOVING = 0.26;
const ZERO_SHARE = 0.4;
const HELP = "What the kernel reports in a file below /proc or /sys, as it stands there.";

const MODES = "idle iowait irq nice softirq steal system user".split(" ");
const DIRECTIONS = ["receive", "transmit"];
const NETWORK =
  "bytes_total packets_total errs_total drop_total fifo_total compressed_total multicast_total".split(
    " ",
  );
const DISK =
  "reads_completed_total reads_merged_total read_bytes_total read_time_seconds_total writes_completed_total written_bytes_total write_time_seconds_total io_time_seconds_total io_now discards_completed_total flush_requests_total".split(
    " ",
  );
const FILESYSTEM = "avail_bytes free_bytes size_bytes files files_free readonly device_error".split(
  " ",
);
const MEMORY =
  "Active Inactive MemTotal MemFree MemAvailable Buffers Cached SwapCached SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem Slab SReclaimable SUnreclaim KernelStack PageTables CommitLimit Committed_AS VmallocTotal VmallocUsed Percpu HugePages_Total HugePages_Free".split(
    " ",
  );
const SCHEDULER = "running waiting timeslices".split(" ");
const COLLECTORS =
  "arp bcache bonding conntrack cpu diskstats edac entropy filefd filesystem".split(" ");
const PROTOCOLS = "Icmp Ip IpExt Tcp TcpExt Udp UdpLite Icmp6 Ip6 Udp6".split(" ");
const EVENTS = "InErrors InDatagrams OutDatagrams InOctets OutOctets RetransSegs NoPorts".split(
  " ",
);

/** Short lines, about 80 bytes: what a node exporter says of a larger machine, `size` samples exactly. */
export function nodePage(random: Random, { size, filter }: PageRecipe): PageLayout {
  const page = new PageBuilder("go", filter);
  const room = new Room(page, random, size);
  const scale = Math.max(1, Math.round(size / 160));
  const devices = names("dm-name-vg0-volume", 2 * scale);
  const links = [...names("eth", scale), ...vethNames(random, 2 * scale)];
  const mounts = mountPoints(random, 4 * scale);
  room.family("node_cpu_seconds_total", "seconds", cpuLabels(4 * scale));
  for (const name of MEMORY) {
    room.family(`node_memory_${name}_bytes`, "gauge", [""]);
  }
  for (const name of DISK) {
    room.family(`node_disk_${name}`, behaviourOf(name), labels("device", devices));
  }
  for (const direction of DIRECTIONS) {
    for (const name of NETWORK) {
      room.family(`node_network_${direction}_${name}`, "counter", labels("device", links));
    }
  }
  for (const name of FILESYSTEM) {
    room.family(`node_filesystem_${name}`, "gauge", mountLabels(mounts, devices));
  }
  for (const protocol of PROTOCOLS) {
    for (const event of EVENTS) {
      room.family(`node_netstat_${protocol}_${event}`, "counter", [""]);
    }
  }
  for (const name of SCHEDULER) {
    room.family(
      `node_schedstat_${name}_seconds_total`,
      "seconds",
      labels("cpu", names("", 8 * scale)),
    );
  }
  room.family("node_scrape_collector_success", "constant", labels("collector", COLLECTORS));
  for (let rest = 0; !room.full; rest++) {
    room.family(`node_vmstat_statistic_${rest}`, "counter", [""]);
  }
  return page.build(MOVING);
}

/** Writes families until the page has its size. */
class Room {
  readonly #page: PageBuilder;
  readonly #random: Random;
  readonly #size: number;

  constructor(page: PageBuilder, random: Random, size: number) {
    this.#page = page;
    this.#random = random;
    this.#size = size;
  }

  get full(): boolean {
    return this.#page.lines >= this.#size;
  }

  family(name: string, behaviour: Behaviour, labelTexts: readonly string[]): void {
    if (this.full) {
      return;
    }
    const type: Family["type"] = name.endsWith("_total") ? "counter" : "gauge";
    this.#page.family({ name, type, help: HELP });
    for (const labelText of labelTexts.slice(0, this.#size - this.#page.lines)) {
      this.#page.group();
      const value = this.#value(behaviour);
      this.#page.sample("", labelText, value === 0 ? "constant" : behaviour, value);
    }
  }

  #value(behaviour: Behaviour): number {
    if (this.#random.chance(ZERO_SHARE)) {
      return 0;
    }
    switch (behaviour) {
      case "seconds":
        return this.#random.below(10_000_000) / 100;
      case "constant":
        return 1;
      default:
        // Spread over the magnitudes, so that plain and exponent forms both occur.
        return Math.floor(10 ** (this.#random.next() * 10));
    }
  }
}

function behaviourOf(name: string): Behaviour {
  if (name.includes("seconds")) {
    return "seconds";
  }
  return name.endsWith("_total") ? "counter" : "gauge";
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function vethNames(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => `veth${random.hex(8)}`);
}

function mountPoints(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => {
    return `/var/lib/kubelet/pods/${random.hex(12)}/volumes/kubernetes.io~projected/kube-api-access-${random.text(5)}`;
  });
}

function labels(name: string, values: readonly string[]): string[] {
  return values.map((value) => `${name}="${value}"`);
}

function cpuLabels(count: number): string[] {
  return names("", count).flatMap((cpu) => MODES.map((mode) => `cpu="${cpu}",mode="${mode}"`));
}

function mountLabels(mounts: readonly string[], devices: readonly string[]): string[] {
  return mounts.map((mount, index) => {
    const device = devices[index % devices.length] ?? "";
    return `device="/dev/${device}",fstype="ext4",mountpoint="${mount}"`;
  });
}
