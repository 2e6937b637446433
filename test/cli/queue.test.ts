import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { queueCommand } from "../../src/cli/queue.ts";
import { findLedger, LedgerFile } from "../../src/spool/ledger-file.ts";
import { nodeDisk } from "../../src/spool/node-disk.ts";
import { Spool } from "../../src/spool/spool.ts";
import { answer, Dataway } from "../support/dataway.ts";
import { scratchDirectory } from "../support/scratch-directory.ts";

const TOKEN = `tkn_${"0123456789abcdef".repeat(2)}`;

async function queue(...args: string[]) {
  let out = "";
  let err = "";
  const code = await queueCommand(args, {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    slow: () => undefined,
  });
  return { code, out, err };
}

/** A queue with points of two bodies for `destination`, and settings that name it and `url`. */
async function prepare(destination: string, url: string) {
  const directory = scratchDirectory("queue");
  const dir = join(directory, "queue");
  const spool = await Spool.open({
    disk: nodeDisk,
    directory: join(dir, "metric"),
    segmentBytes: 1 << 20,
    nowMs: Date.now,
  });
  await spool.attach(destination);
  const record = (id: string, line: string) => {
    const gzip = gzipSync(`${line}\n`);
    const rawBytes = line.length + 1;
    return { id, ordinal: 0, atMs: Date.now(), points: 1, samples: 1, rawBytes, gzip };
  };
  const at = `${Date.now()}000000`;
  await spool.append([
    record("dk_00000000000000000001", `a,host=h v=1 ${at}`),
    record("dk_00000000000000000002", `b,host=h v=2 ${at}`),
  ]);
  await spool.sync();
  await spool.writePositions();
  await spool.close();
  const config = join(directory, "promline.toml");
  writeFileSync(config, `data_dir = "${directory}"\n[dataway]\nurls = ["${url}"]\n`);
  return { dir, config, at };
}

test("lists segments and what waits for whom, without secrets", async () => {
  const { dir, config } = await prepare("dataway http://h", `http://h?token=${TOKEN}`);
  const { code, out, err } = await queue("--config", config);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(`queue ${dir}\n`);
  expect(out).toContain("metric: 1 segments\n  0000000000000001.seg:");
  expect(out).toContain("  waits for dataway http://h: 2 points in 2 records\n");
  expect(out).not.toContain(TOKEN);
});

test("a ledger that is not ours is named, and one that does not add up says so", async () => {
  const { dir } = await prepare("dataway http://h", "http://h");
  expect((await queue("--dir", dir)).out).toContain("ledger: no counts that can be read\n");
  writeFileSync(join(dir, "ledger-00000001.led"), "PLSLED\n\0\x02\0 of another version");
  const found = await findLedger(nodeDisk, dir);
  const counts = new Map([["lines\0\0\0read\0", 3]]);
  const file = new LedgerFile(nodeDisk, dir, found);
  await file.save({ savedMs: 0, final: false, counts }, true);
  await file.close();
  const { out } = await queue("--dir", dir);
  expect(out).toContain("saved 1970-01-01T00:00:00.000Z while the last one ran\n");
  expect(out).toContain(
    "read 3 = sent 0 + filtered 0 + dropped 0 + malformed 0 + comment 0 + blank 0",
  );
  expect(out).toContain(", which is out by 3\n");
  expect(out).toContain("  ledger-00000001.led: of another version, or not readable; left alone\n");
});

test("inspects records, or prints their line protocol", async () => {
  const { dir, at } = await prepare("dataway http://h", "http://h");
  const { out } = await queue("inspect", "--dir", dir);
  expect(out).toMatch(/^metric 1 \S+Z dk_0{19}1 0 points=1 samples=1 bytes=\d+ compressed=\d+\n/);
  expect(await queue("inspect", "--dir", dir, "--print", "lines")).toEqual({
    code: 0,
    out: `a,host=h v=1 ${at}\nb,host=h v=2 ${at}\n`,
    err: "",
  });
});

test("drains to the destination of the settings, once", async () => {
  const dataway = await Dataway.start();
  const { config } = await prepare(`dataway ${new URL(dataway.url).origin}`, dataway.url);
  const { code, out, err } = await queue("drain", "--config", config);
  expect([code, out]).toEqual([0, "sent 2 points, lost 0, 0 still wait\n"]);
  expect(err).toContain("2 points wait (metric)");
  expect(dataway.points().map(({ measurement }) => measurement)).toEqual(["a", "b"]);
  expect(dataway.violations).toEqual([]);
  expect((await queue("drain", "--config", config)).out).toContain("sent 0 points");
  const { out: list } = await queue("list", "--config", config);
  expect(list).toMatch(/ledger: 2 lives, saved \S+Z at a stop\n {2}lines: read 0 = /);
  expect(list).toContain(
    ` metric points: enqueued 0 + found 2 = sent 2 + lost 0 + unknown 0 + queued 0\n`,
  );
  const { out: inspected } = await queue("inspect", "--config", config);
  expect(inspected).toContain(`  dataway ${new URL(dataway.url).origin} metric samples sent 2\n`);
});

test("a drain that is refused leaves everything, says why and fails", async () => {
  const dataway = await Dataway.start({ verdict: () => answer(401) });
  const { config } = await prepare(`dataway ${new URL(dataway.url).origin}`, dataway.url);
  const { code, out, err } = await queue("drain", "--config", config, "--timeout", "500ms");
  expect([code, out]).toEqual([1, "sent 0 points, lost 0, 2 still wait\n"]);
  expect(err).toContain("credentials");
  expect(err).not.toContain(TOKEN);
  expect((await queue("--config", config)).out).toContain("2 points in 2 records");
});

/** The ledger of a stop that left so many points for a destination. */
async function saveLedger(dir: string, destination: string, points: number): Promise<void> {
  const counts = new Map<string, number>();
  for (const [measure, count] of Object.entries({ points, samples: points, bytes: 66 })) {
    counts.set([measure, destination, "metric", "enqueued", ""].join("\0"), count);
    counts.set([measure, destination, "metric", "queued", ""].join("\0"), count);
  }
  const file = new LedgerFile(nodeDisk, dir, await findLedger(nodeDisk, dir));
  await file.save({ savedMs: 0, final: true, counts }, true);
  await file.close();
}

test("verify says that all agrees, or what does not", async () => {
  const { dir } = await prepare("dataway http://h", "http://h");
  expect(await queue("verify", "--dir", dir)).toMatchObject({
    code: 0,
    out: "counts not compared: there is no ledger of a life that was stopped\nall records can be read\n",
  });
  await saveLedger(dir, "dataway http://h", 2);
  expect(await queue("verify", "--dir", dir)).toMatchObject({
    code: 0,
    out: "ledger, positions and records agree\n",
  });
  await saveLedger(dir, "dataway http://h", 3);
  const { code, out } = await queue("verify", "--dir", dir);
  expect(code).toBe(1);
  expect(out).toContain("the ledger says that 3 points wait, and 2 are on disk\n");
});

test("a queue that an agent has is shown and not drained", async () => {
  const { dir, config } = await prepare("dataway http://h", "http://h?token=t");
  const lock = await nodeDisk.lock(dir);
  expect((await queue("list", "--config", config)).out).toContain(", in use by an agent\n");
  expect(await queue("verify", "--config", config)).toMatchObject({ code: 1 });
  expect(await queue("drain", "--config", config)).toMatchObject({
    code: 1,
    err: "promline: an agent has this queue, and sends what waits there\n",
  });
  await lock?.release();
});

test("a directory that is none fails and is not made", async () => {
  const dir = join(scratchDirectory("queue"), "none");
  expect(await queue("--dir", dir)).toMatchObject({
    code: 1,
    err: `promline: ${dir} cannot be read as a queue: ENOENT\n`,
  });
  expect(() => mkdirSync(dir)).not.toThrow();
});

test.each([
  [["empty"], "unknown action empty: wanted list, inspect, verify, drain"],
  [["list", "--print", "lines"], "--print lines: wanted inspect --print lines"],
  [
    ["drain", "--timeout", "soon"],
    '--timeout soon is not a duration; write one like "30s" or "1m30s"',
  ],
])("refuses %j", async (args, message) => {
  expect(await queue(...args)).toMatchObject({ code: 2, err: `promline: ${message}\n` });
});
