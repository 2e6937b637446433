import { expect, test } from "vitest";
import type { PromInput } from "../../src/config/input/prom-input.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import { located, promInput } from "../support/prom-input.ts";

function tagsOf(url: string, changes: Partial<PromInput> = {}) {
  const { targets } = staticTargets([located({ urls: [url], ...changes })]);
  return Object.fromEntries(targets[0]!.addedTags);
}

function upTagsOf(url: string, changes: Partial<PromInput> = {}) {
  return staticTargets([located({ urls: [url], ...changes })]).targets[0]?.upTags;
}

test("host and instance come from the URL", () => {
  expect(tagsOf("http://10.0.0.5:9100/metrics")).toEqual({
    host: "10.0.0.5",
    instance: "10.0.0.5:9100",
  });
});

test("no host for the loopback", () => {
  expect(tagsOf("http://127.0.0.1:9100/metrics")).toEqual({ instance: "127.0.0.1:9100" });
});

test("[tags] wins over both, an empty value too, and comes first", () => {
  const { targets } = staticTargets([
    located({ tags: { z: "1", instance: "mine", host: "" }, urls: ["http://h:1/"] }),
  ]);
  expect(targets[0]?.addedTags).toEqual([
    ["z", "1"],
    ["instance", "mine"],
    ["host", ""],
  ]);
});

test("each can be switched off", () => {
  expect(tagsOf("http://h:1/", { disableHostTag: true })).toEqual({ instance: "h:1" });
  expect(tagsOf("http://h:1/", { disableInstanceTag: true })).toEqual({ host: "h" });
});

test("a file: its path is the host, and there is no instance", () => {
  expect(tagsOf("/var/x.prom")).toEqual({ host: "/var/x.prom" });
  expect(tagsOf("file:///var/x.prom")).toEqual({ host: "/var/x.prom" });
  expect(tagsOf("/var/x.prom", { disableHostTag: true })).toEqual({});
});

test.each([
  ["http://127.0.0.1:9100/metrics", "127.0.0.1:9100"],
  ["http://h/metrics", "h:0"],
  ["http://h:/metrics", "h:0"],
  ["http://[::1]/metrics", "[::1]:0"],
  ["/var/x.prom", "/var/x.prom"],
])("the up point of %s has instance %s", (url, instance) => {
  expect(upTagsOf(url, { source: "node" })).toEqual({ job: "node", instance });
});

test("[tags] is on the up point and overrides nothing there", () => {
  const tags = { job: "mine", instance: "mine", zone: "a" };
  expect(upTagsOf("http://h:1/", { source: "node", tags })).toEqual({
    job: "node",
    instance: "h:1",
    zone: "a",
  });
  expect(upTagsOf("http://h:1/", { source: "node", disableInstanceTag: true })).toEqual({
    job: "node",
    instance: "h:1",
  });
});

test("a URL that cannot be read is reported without its secrets, its siblings run", () => {
  const { targets, issues } = staticTargets([
    located(
      { urls: ["http://a/", "http://user:canary@h:99999/?token=canary", "http://b/"] },
      "x.conf",
      7,
    ),
  ]);
  expect(targets.map(({ address }) => address)).toMatchObject([
    { kind: "http", url: "http://a/" },
    { kind: "http", url: "http://b/" },
  ]);
  expect(issues).toMatchObject([
    { severity: "error", file: "x.conf", position: { line: 7 }, key: "inputs.prom.urls" },
  ]);
  expect(issues[0]?.message).toMatch(/^entry 2: no URL/);
  expect(JSON.stringify(issues)).not.toContain("canary");
});

test("what looks like an address without scheme is a file, with a warning", () => {
  const { targets, issues } = staticTargets([located({ urls: ["exporter:9100/metrics"] })]);
  expect(targets[0]?.address).toMatchObject({ kind: "file", path: "exporter:9100/metrics" });
  expect(issues).toMatchObject([{ severity: "warning" }]);
});

test("the same URL with the same content is scraped once, and the second is told of the first", () => {
  const { targets, issues } = staticTargets([
    located({}, "a.conf", 3),
    located({ urls: ["http://b/", ...promInput().urls] }, "b.conf", 5),
  ]);
  expect(targets.map(({ file, address }) => [file, address])).toMatchObject([
    ["a.conf", { kind: "http", url: "http://10.0.0.5:9100/metrics" }],
    ["b.conf", { kind: "http", url: "http://b/" }],
  ]);
  expect(issues).toMatchObject([{ severity: "warning", file: "b.conf", position: { line: 5 } }]);
  expect(issues[0]?.message).toContain("declared at a.conf:3:1");
});

test("the same URL with other rules is scraped twice", () => {
  const rules = { ...promInput().rules, measurementName: "x" };
  const { targets, issues } = staticTargets([located(), located({ rules })]);
  expect(new Set(targets.map(({ key }) => key)).size).toBe(2);
  expect(issues).toEqual([]);
});

test("keys do not depend on file, line or siblings", () => {
  const before = staticTargets([located({ urls: ["http://a/"] })]);
  const after = staticTargets([located({ urls: ["http://new/", "http://a/"] }, "other.conf", 9)]);
  expect(after.targets[1]?.key).toBe(before.targets[0]?.key);
});
