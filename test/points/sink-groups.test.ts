import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Category, Payload } from "../../src/payload.ts";
import { PayloadWriter } from "../../src/points/payload-writer.ts";
import { SinkGroups } from "../../src/points/sink-groups.ts";
import { type Point, readLineProtocol } from "../support/line-protocol.ts";
import { pageLines, ruleSets } from "../support/page-mutations.ts";
import { TransformedTarget } from "../support/transform-page.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The groups of these lines: tags, lines, samples. */
function groupsOf(
  keys: readonly string[],
  lines: readonly string[],
  category: Category = "metric",
) {
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""));
  return new SinkGroups(keys).split(bytes, category).map((group) => {
    const own = decoder.decode(group.lines).split("\n").slice(0, -1);
    expect(group.points).toBe(own.length);
    return [group.tags, own, group.samples];
  });
}

test("lines that agree in the keys stay together, in the order of the first of each", () => {
  const lines = [
    "m,app=a,host=h v=1 1",
    "m,app=b,host=h v=1 1",
    "n,app=a,host=h,x=1 v=1,w=2 1",
    "n,host=h v=1 1",
    "n v=1 1",
    "m,app=b,host=h v=2 2",
  ];
  expect(groupsOf(["host", "app"], lines)).toEqual([
    ["app=a,host=h", [lines[0], lines[2]], 3],
    ["app=b,host=h", [lines[1], lines[5]], 2],
    ["host=h", [lines[3]], 1],
    ["", [lines[4]], 1],
  ]);
});

test("a key is a whole name of a tag: neither its start nor a field", () => {
  expect(groupsOf(["app"], ["m,app2=b,ap=c app=1 1"])).toEqual([
    ["", ["m,app2=b,ap=c app=1 1"], 1],
  ]);
});

test("escapes are for line protocol, the sinker gets the text", () => {
  const line = String.raw`a\,b\ c,k\ ey=a\,b\=c\ d\e\\,é,z=1 v=1 1`;
  expect(groupsOf(["k ey", "measurement", "é"], [line])).toEqual([
    [String.raw`k ey=a,b=c d\e\,é,measurement=a,b c`, [line], 1],
  ]);
});

test("category and measurement count where they are listed", () => {
  const lines = ["m,app=a v=1 1", "n,app=a v=1 1", "m,app=a v=2 2"];
  expect(groupsOf(["app", "measurement", "category"], lines)).toEqual([
    ["app=a,category=metric,measurement=m", [lines[0], lines[2]], 2],
    ["app=a,category=metric,measurement=n", [lines[1]], 1],
  ]);
  expect(groupsOf(["source"], lines)).toEqual([["", lines, 3]]);
  expect(groupsOf(["category"], lines)).toEqual([["category=metric", lines, 3]]);
});

test("in logging the measurement is the source, and texts of a point count as its tags do", () => {
  const lines = ['m,service=a v=1,status="INFO" 1', 'n,service=a v=1,status="INFO" 1'];
  expect(groupsOf(["source", "measurement", "status", "category"], lines, "logging")).toEqual([
    ["status=INFO,category=logging,source=m", [lines[0]], 1],
    ["status=INFO,category=logging,source=n", [lines[1]], 1],
  ]);
});

test("points that are no samples, and original times, count as none", () => {
  const lines = ["collector,job=a up=1i 1", "m v=1,__orig_time=5i 1", "m a_count=1,a_sum=1e3 1"];
  expect(groupsOf([], lines)).toEqual([["", lines, 3]]);
});

test("pairs beyond what a header may hold are left out", () => {
  const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, "0")}`);
  const line = `m,${keys.map((key) => `${key}=${"v".repeat(1024)}`).join(",")} v=1 1`;
  const [[tags] = []] = groupsOf(keys, [line]);
  expect(String(tags).split(",")).toHaveLength(5);
});

function expectedTags(point: Point, keys: readonly string[]): string {
  const pairs = [...point.tags].filter(([key]) => keys.includes(key));
  const name = keys.includes("measurement") ? [["measurement", point.measurement] as const] : [];
  return [...pairs, ...name].map(([key, value]) => `${key}=${value}`).join(",");
}

test("whatever a page holds, each point is in the group of its tags, and nothing is lost", () => {
  const keySets = fc.subarray(["x", "y", "host", "measurement", "le", "absent"]);
  fc.assert(
    fc.property(pageLines, ruleSets, keySets, (lines, { asLogging: _, ...rules }, keys) => {
      const target = new TransformedTarget({ rules });
      const written = target.scrape(lines.join("\n"));
      const bytes = encoder.encode(written.map((line) => `${line}\n`).join(""));
      const groups = new SinkGroups(keys).split(bytes, "metric");
      const all = groups.flatMap((group) => {
        const points = readLineProtocol(group.lines);
        expect(points.map((point) => expectedTags(point, keys))).toEqual(
          points.map(() => group.tags),
        );
        return decoder.decode(group.lines).split("\n").slice(0, -1);
      });
      expect(all.toSorted()).toEqual(written.toSorted());
      expect(new Set(groups.map(({ tags }) => tags)).size).toBe(groups.length);
      const sum = (of: "points" | "samples") => groups.reduce((total, one) => total + one[of], 0);
      const { points, sent } = target.transform.counts;
      expect([sum("points"), sum("samples")]).toEqual([points, sent]);
    }),
  );
});

test("a payload for each group, with its own counts; without keys one of all", async () => {
  const payloads: Payload[] = [];
  const pauses = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writer = new PayloadWriter();
  const emit = (payload: Payload) => pauses[payloads.push(payload) - 1]?.promise;
  writer.begin("metric", emit, new SinkGroups(["app"]));
  writer.lines.put(encoder.encode("m,app=a v=1 1\nm v=1,w=2 1\nm,app=a v=3 1\n"));
  writer.flush({ points: 3, sent: 4 });
  expect(
    payloads.map(({ gzip, points, samples, rawBytes, sinkTags }) => [
      gunzipSync(gzip).toString(),
      ...[points, samples, rawBytes, sinkTags],
    ]),
  ).toEqual([
    ["m,app=a v=1 1\nm,app=a v=3 1\n", 2, 2, 28, "app=a"],
    ["m v=1,w=2 1\n", 1, 2, 12, undefined],
  ]);
  expect(payloads[1]).not.toHaveProperty("sinkTags");
  expect(writer.outputBytes).toBe(40);
  pauses[0]?.resolve();
  await Promise.resolve();
  expect(writer.blocked).toBeDefined();
  pauses[1]?.resolve();
  await writer.blocked;
  expect(writer.blocked).toBeUndefined();
  writer.begin("metric", emit);
  writer.lines.put(encoder.encode("m,app=a v=1 1\nm v=1 1\n"));
  writer.flush({ points: 2, sent: 2 });
  expect(payloads).toHaveLength(3);
});
