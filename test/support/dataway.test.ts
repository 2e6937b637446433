import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { answer, Dataway } from "./dataway.ts";

const HEADERS = {
  "Content-Type": "application/line-protocol",
  "Content-Encoding": "gzip",
  "User-Agent": "datakit-linux-amd64/0.1.0/host-1",
  Referer: "DataKit",
};

function post(
  dataway: Dataway,
  lines: string,
  headers: Readonly<Record<string, string>> = {},
  path = "/v1/write/metric",
): Promise<Response> {
  const url = new URL(dataway.url);
  url.pathname = path;
  return fetch(url, {
    method: "POST",
    headers: { ...HEADERS, "X-Points": "1", "X-Pkg-Id": "dk_0123456789abcdefghij", ...headers },
    body: gzipSync(lines),
  });
}

test("keeps the points of what it accepts", async () => {
  const dataway = await Dataway.start({ verdict: (_, index) => answer(index === 0 ? 503 : 200) });
  expect((await post(dataway, "m x=1 5\n")).status).toBe(503);
  expect((await post(dataway, "m x=1 5\n")).status).toBe(200);
  expect(dataway.writes).toHaveLength(2);
  expect(dataway.points().map(({ measurement }) => measurement)).toEqual(["m"]);
  expect(dataway.points("logging")).toEqual([]);
  expect(dataway.violations).toEqual([]);
});

test.each([
  ["wrong X-Points", { "X-Points": "2" }],
  ["wrong Content-Type", { "Content-Type": "text/plain" }],
  ["wrong X-Pkg-Id", { "X-Pkg-Id": "dk_1" }],
  ["wrong User-Agent", { "User-Agent": "node" }],
])("notes %s", async (breach, headers) => {
  const dataway = await Dataway.start();
  expect((await post(dataway, "m x=1 5\n", headers)).status).toBe(400);
  expect(dataway.violations).toEqual([`POST /v1/write/metric: ${breach}`]);
  expect(dataway.points()).toEqual([]);
});

test("notes an unknown path, an unreadable body, and a body accepted twice", async () => {
  const dataway = await Dataway.start();
  await post(dataway, "m x=1 5\n", {}, "/v1/write/metrics");
  await post(dataway, "m x=\n");
  await post(dataway, "m x=1 5\n");
  await post(dataway, "m x=1 5\n");
  expect(dataway.violations).toHaveLength(5);
  expect(dataway.violations[0]).toContain("unknown path");
  expect(dataway.violations[1]).toContain("unreadable body");
  expect(dataway.violations.at(-1)).toContain("was accepted before");
});

test("answers 413 above a size", async () => {
  const dataway = await Dataway.start({ rejectAboveBytes: 4 });
  expect((await post(dataway, "m x=1 5\n")).status).toBe(413);
});

test.each(["reset", "half"] as const)("answers with %s", async (kind) => {
  const dataway = await Dataway.start({ verdict: () => ({ kind }) });
  await expect(post(dataway, "m x=1 5\n").then((got) => got.text())).rejects.toThrow();
  expect(dataway.accepted).toEqual([]);
});
