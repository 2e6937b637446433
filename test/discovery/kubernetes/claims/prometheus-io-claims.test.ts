import { expect, test } from "vitest";
import { scrapeTargetOf } from "../../../../src/agent/targets/target-spec.ts";
import { claimsOf, urlsOf } from "../../../support/pod-claims.ts";
import { transformPage } from "../../../support/transform-page.ts";

function marked(marks: Record<string, string>, changes: object = {}) {
  const pairs = Object.entries({ scrape: "true", ...marks });
  const annotations = Object.fromEntries(
    pairs.map(([key, value]) => [`prometheus.io/${key}`, value]),
  );
  const pod = { name: "p-1", namespace: "ns1", ips: ["10.0.0.5"], annotations, ...changes };
  return claimsOf([pod], { prometheusIo: true, labelTags: ["app"] });
}

for (const [what, marks, changes, url] of [
  ["everything by default", {}, {}, "http://10.0.0.5:8080/metrics"],
  ["a port", { port: "9100" }, {}, "http://10.0.0.5:9100/metrics"],
  ["a path and a scheme", { path: "/m", scheme: "https" }, {}, "https://10.0.0.5:8080/m"],
  ["a path without its slash", { path: "m" }, {}, "http://10.0.0.5:8080/m"],
  ["parameters", { param_a: "1 2", param_b: "&" }, {}, "http://10.0.0.5:8080/metrics?a=1+2&b=%26"],
  [
    "parameters behind a query",
    { path: "/m?x=1", param_a: "2" },
    {},
    "http://10.0.0.5:8080/m?x=1&a=2",
  ],
  ["IPv6", {}, { ips: ["fd00::5"] }, "http://[fd00::5]:8080/metrics"],
] as const) {
  test(`${what}: ${url}`, () => {
    expect(urlsOf(marked(marks, changes))).toEqual([url]);
  });
}

for (const [what, marks, changes, rules] of [
  ["scrape is not true", { scrape: "yes" }, {}, []],
  ["no port and none declared", {}, { ports: [] }, ["no_port"]],
  ["no port and several declared", {}, { ports: [1, 2] }, ["no_port"]],
  ["a port that is none", { port: "70000" }, {}, ["no_port"]],
  ["a scheme that is none", { scheme: "ftp" }, {}, ["not_http"]],
] as const) {
  test(`no target: ${what}`, () => {
    const found = marked(marks, changes);
    expect(found.targets).toEqual([]);
    expect(found.refusals.map(({ rule }) => rule)).toEqual(rules);
  });
}

test("points as P01: whole names, labels win over tags, timestamps count", () => {
  const [found] = marked({ param_tags: "team=a,env=b,bad" }).targets;
  if (found === undefined) throw new Error("no target");
  const globals = { globalHostTags: { host: "node-1", dc: "x" }, globalElectionTags: {} };
  const { rules, up } = scrapeTargetOf(found.target, globals);
  const page = '# TYPE app_up gauge\napp_up{instance="self",pod_name="lbl"} 1 1680231835149\n';
  expect(transformPage(page, { rules })).toEqual([
    "app,app=p-1,dc=x,env=b,host=10.0.0.5,instance=self,namespace=ns1,pod_name=lbl,team=a app_up=1 1680231835149000000",
  ]);
  expect(up).toEqual({ dc: "x", job: "ns1/p-1", instance: "10.0.0.5:8080", host: "10.0.0.5" });
});

test("a measurement of its own", () => {
  const [found] = marked({ param_measurement: "mm" }).targets;
  expect(found?.target.input.rules.measurementName).toBe("mm");
  expect(found?.target.upTags).toMatchObject({ job: "mm" });
});
