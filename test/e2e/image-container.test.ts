import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { singleManifest } from "../../deploy/single-manifest.ts";
import { answer, Dataway } from "../support/dataway.ts";
import { ImageContainer } from "../support/image-container.ts";
import { metricSum } from "../support/metrics-page.ts";
import { page, TargetServer } from "../support/targets.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
/** What the DaemonSet of daemonset.yaml may take; the first limit is that of its init container. */
const LIMIT_MIB = Math.max(
  ...[...singleManifest().matchAll(/limits: \{ memory: (\d+)Mi \}/g)].map(([, mib]) => Number(mib)),
);

test("the image scrapes, delivers, stops and goes on where a node would run it", async (context) => {
  const container = await ImageContainer.create(context, { memoryBytes: LIMIT_MIB * MIB });
  const { node } = container.network;
  const target = await TargetServer.start(
    { "/metrics": page('boxed_total{part="a"} 1\n') },
    { host: node, port: 0 },
  );
  const world = { isUp: true };
  const dataway = await Dataway.start({
    host: node,
    verdict: () => answer(world.isUp ? 200 : 503),
  });
  const env = { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" };
  container.writeConf(
    "one.conf",
    `[[inputs.prom]]\nurls = ["${target.url("/metrics")}"]\ninterval = "1s"\n`,
  );
  const boxed = () => dataway.points().filter(({ measurement }) => measurement === "boxed").length;

  await container.start({ env });
  const status = container.status();
  expect(status.get("Uid")).toBe("65532\t65532\t65532\t65532");
  expect(status.get("NSpid")).toMatch(/\t1$/);
  expect(status.get("NoNewPrivs")).toBe("1");
  for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
    expect(status.get(set), set).toBe("0000000000000000");
  }
  const mounts = container.mounts();
  expect(mounts.get("/")).toMatch(/^ro\b/);
  expect(mounts.get("/etc/promline/conf.d")).toMatch(/^ro\b/);
  expect(mounts.get("/var/lib/promline")).toMatch(/^rw\b.*noexec/);
  const metrics = await container.metrics();
  expect(metricSum(metrics, "promline_replay_enabled")).toBe(1);
  expect(metricSum(metrics, "promline_deflate_enabled")).toBe(1);
  expect(metricSum(metrics, "promline_inflate_enabled")).toBe(1);
  await until("three scrapes delivered", 30_000, () => (boxed() >= 3 ? true : undefined));

  world.isUp = false;
  const refused = dataway.writes.length;
  await until("a refusal", 20_000, () => dataway.writes.length > refused + 1 || undefined);
  expect(await container.stop(), container.report).toMatchObject({ code: 0 });
  expect(readdirSync(join(container.dataDirectory), { recursive: true })).not.toEqual([]);

  world.isUp = true;
  await container.start({ env });
  const served = () => target.hits("/metrics").length;
  const before = served();
  await until("what waited and a scrape more", 30_000, () => boxed() > before || undefined);
  expect(await container.stop(), container.report).toMatchObject({ code: 0 });
  expect(boxed()).toBe(served());
  expect(dataway.violations).toEqual([]);
  process.stdout.write(
    container.cgroup === undefined
      ? `image container: ${container.noCgroup}\n`
      : `image container: peak ${Math.round(container.cgroup.peakBytes / MIB)} of ${LIMIT_MIB} MiB\n`,
  );
  expect(container.cgroup?.kills ?? 0).toBe(0);
});

test("a container sees its own limit, and as many CPUs as it is told", async (context) => {
  const container = await ImageContainer.create(context, {
    memoryBytes: LIMIT_MIB * MIB,
    believedCpus: 64,
  });
  const print = "process.constrainedMemory() + ' ' + os.availableParallelism()";
  const child = container.run(["/usr/local/bin/node", "--print", print]);
  expect(await child.exited, child.report).toMatchObject({ code: 0 });
  const [limit, cpus] = child.stdout.trim().split(" ").map(Number);
  expect(cpus).toBe(64);
  if (container.cgroup !== undefined) {
    expect(limit).toBe(LIMIT_MIB * MIB);
  }
});

test("a container that a test leaves running is gone with it", async (context) => {
  const container = await ImageContainer.create(context);
  const program = "console.log('up'); setInterval(() => {}, 1000)";
  const child = container.run(["/usr/local/bin/node", "--eval", program]);
  await until("its program", 20_000, () => child.stdout.includes("up") || undefined);
  const pid = container.pidIn(child);
  child.kill("SIGKILL");
  await child.exited;
  await until("its end", 5000, () => (existsSync(`/proc/${pid}`) ? undefined : true));
});
