import { expect, test } from "vitest";
import { type MergedTarget, mergeTargets } from "../../src/discovery/merge-targets.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import { claimsOf, instances } from "../support/pod-claims.ts";
import { located } from "../support/prom-input.ts";

function summary(merged: readonly MergedTarget[]): string[] {
  return merged.map(({ target, claims }) => {
    const url = target.address.kind === "http" ? target.address.url : target.address.path;
    return `${url} ${claims.map(({ by, counts }) => `${counts ? "+" : "-"}${by}`).join(" ")}`;
  });
}

const URL = "http://10.1.0.1:8080/m";

test("a drop-in and a pod ask for one URL: one scrape, as the drop-in has it", () => {
  const { targets } = staticTargets([located({ urls: [URL] })]);
  const pods = claimsOf([
    { name: "a", annotations: instances('url = "http://$IP:8080/m"', 'interval = "5s"') },
  ]);
  const merged = mergeTargets(targets, pods.targets);
  expect(summary(merged)).toEqual([`${URL} +a.conf -pod default/a`]);
  expect(merged[0]?.target.input.intervalMs).toBe(30_000);
});

test("spellings of one URL are one, other credentials are not", () => {
  const pods = claimsOf([
    { name: "a", annotations: instances('urls = ["http://$IP:80/m#x", "http://10.1.1/m"]') },
    { name: "b", annotations: instances('url = "http://$IP/m"') },
    {
      name: "c",
      annotations: instances('url = "http://$IP/m"', 'http_headers = { Authorization = "x" }'),
    },
  ]);
  expect(summary(mergeTargets([], pods.targets))).toEqual([
    "http://10.1.0.1:80/m#x +pod default/a -pod default/b",
    "http://10.1.1/m +pod default/a",
    "http://10.1.0.1/m +pod default/c",
  ]);
});

test("two marks of one pod for one URL are one scrape", () => {
  const marks = { "prometheus.io/scrape": "true", "prometheus.io/path": "/m" };
  const annotations = { ...instances('url = "http://$IP:8080/m"'), ...marks };
  const pods = claimsOf([{ name: "a", annotations }], { prometheusIo: true });
  expect(mergeTargets([], pods.targets)).toHaveLength(1);
});

test("two tables of one owner that differ both run", () => {
  const { targets } = staticTargets([
    located({ urls: [URL], source: "one" }, "a.conf"),
    located({ urls: [URL], source: "two" }, "b.conf"),
  ]);
  expect(mergeTargets(targets, [])).toHaveLength(2);
});
