import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { AgentProcess } from "../support/agent-process.ts";
import { type CertificatePair, installPair } from "../support/certificates.ts";
import { Dataway } from "../support/dataway.ts";
import { EtcdServer } from "../support/etcd-server.ts";
import type { Point } from "../support/line-protocol.ts";
import { type PlainRules, plainPoints } from "../support/plain-rules.ts";
import { comparePoints } from "../support/point-comparison.ts";
import { byTime, upValues } from "../support/point-selection.ts";
import { seedDirectory } from "../support/shared-data.ts";
import { until } from "../support/until.ts";

const SEED_RULES: PlainRules = {
  types: ["counter", "gauge"],
  names: [/etcd_server_proposals|etcd_server_leader|etcd_server_has|etcd_network_client/],
  tagsIgnore: [],
  tags: {},
  name: (name) => ({ measurement: "etcd", field: name.slice("etcd_".length) }),
};

/** The published drop-in with nothing but address and file paths changed. */
function seed(context: TestContext, etcd: EtcdServer, pair: CertificatePair): string {
  const text = readFileSync(join(seedDirectory(context), "conf.d", "etcd.conf"), "utf8");
  return text
    .replace("https://172.16.0.229:2379", etcd.url)
    .replace("/etc/kubernetes/pki/etcd/peer.crt", pair.cert)
    .replace("/etc/kubernetes/pki/etcd/peer.key", pair.key);
}

/** Series without values: those of etcd move between two reads of its page. */
function series(points: readonly Point[]): readonly Point[] {
  const zero = { type: "float", value: 0 } as const;
  return points.map(({ measurement, fields, tags }) => ({
    measurement,
    tags: new Map([...tags].filter(([key]) => key !== "instance" && key !== "host")),
    fields: new Map([...fields.keys()].map((key) => [key, zero])),
    time: undefined,
  }));
}

test("etcd is scraped over mTLS while its client certificate is rotated", async (context) => {
  const etcd = await EtcdServer.start(context);
  const pair = { cert: join(etcd.directory, "peer.crt"), key: join(etcd.directory, "peer.key") };
  installPair(etcd.clients.issue("first"), pair);
  const dataway = await Dataway.start();
  const published = seed(context, etcd, pair);
  const often = published
    .replace('interval = "60s"', 'interval = "1s"')
    .replace('source = "etcd"', 'source = "often"');
  const agent = await AgentProcess.start({
    conf: { "etcd.conf": published, "often.conf": often },
    env: { ENV_DATAWAY: dataway.url, ENV_IO_FLUSH_INTERVAL: "1s" },
  });
  const ups = (job: string) => upValues(dataway.points(), job);
  /** Waits for `count` more scrapes of the frequent target, and gives whether they succeeded. */
  const next = async (count: number) => {
    const before = ups("often").length;
    await until(`${count} more scrapes`, 20_000, () => ups("often")[before + count - 1]);
    return ups("often").slice(before, before + count);
  };

  await until("both targets", 15_000, () => (ups("etcd")[0] && ups("often")[1] ? true : undefined));
  const expected = plainPoints(await etcd.read("/metrics"), SEED_RULES);
  expect(expected.length).toBeGreaterThan(4);
  const firstScrape = byTime(dataway.points())[0]?.[1] ?? [];
  expect(comparePoints(series(firstScrape), series(expected), "samples")).toEqual({
    missing: [],
    unexpected: [],
  });

  // A new pair of the same authority, then a certificate without its key, then half a certificate: no scrape is lost.
  installPair(etcd.clients.issue("second"), pair);
  expect(await next(3)).toEqual(["1", "1", "1"]);
  installPair({ ...pair, cert: etcd.clients.issue("third").cert }, pair);
  expect(await next(3)).toEqual(["1", "1", "1"]);
  truncateSync(pair.cert, 200);
  expect(await next(3)).toEqual(["1", "1", "1"]);

  // Now no earlier pair is let in: scrapes fail, and succeed again as soon as the new pair is there.
  await etcd.replaceClientAuthority();
  await next(2);
  expect(await next(2)).toEqual(["0", "0"]);
  const [row] = (await agent.targets()).filter(({ source }) => source === "often");
  expect(row?.outcome).toMatch(/^(tls|connection_reset)$/);
  installPair(etcd.clients.issue("fourth"), pair);
  await next(2);
  expect(await next(2)).toEqual(["1", "1"]);

  // The published one asks every 60 s; its next scrape has to succeed with the new pair too.
  const before = ups("etcd").length;
  await until("the next scrape of the published drop-in", 75_000, () => ups("etcd")[before]);
  expect(ups("etcd").at(-1)).toBe("1");
  expect(await agent.stop()).toMatchObject({ code: 0 });
  expect(dataway.violations).toEqual([]);
}, 180_000);
