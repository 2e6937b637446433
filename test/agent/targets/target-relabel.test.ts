import { expect, test } from "vitest";
import {
  type RelabeledTargets,
  relabelTargets,
} from "../../../src/agent/targets/target-relabel.ts";
import type { PromInput } from "../../../src/config/input/prom-input.ts";
import { type DesiredTarget, staticTargets } from "../../../src/discovery/static-targets.ts";
import type { RelabelRule } from "../../../src/rules/relabel/relabel-rule.ts";
import { NO_SERIES_LIMITS } from "../../../src/rules/relabel/series-config.ts";
import { located } from "../../support/prom-input.ts";

function rule(changes: Partial<RelabelRule>): RelabelRule {
  return { action: "replace", sourceLabels: [], targetLabel: "", modulus: 0, ...changes };
}

const set = (targetLabel: string, replacement: string): RelabelRule =>
  rule({ targetLabel, replacement });

const copy = (from: string, to: string): RelabelRule =>
  rule({ sourceLabels: [from], targetLabel: to });

interface Case {
  readonly input?: Partial<PromInput>;
  readonly rules?: readonly RelabelRule[];
  readonly file?: readonly RelabelRule[];
  readonly agent?: readonly RelabelRule[];
  readonly protectMode?: boolean;
  readonly meta?: Readonly<Record<string, string>>;
}

function found({ input = {}, rules = [], file = [], meta }: Case): DesiredTarget[] {
  const series: PromInput["series"] = {
    flavour: "prometheus",
    metricRelabel: [],
    targetRelabel: rules,
    relabelFile: { path: "r.yml", rules: [], targetRules: file },
    honorLabels: true,
    limits: NO_SERIES_LIMITS,
  };
  const declared = [...rules, ...file].length > 0 ? { series } : {};
  const { targets } = staticTargets([located({ ...input, ...declared }, "a.conf")]);
  return targets.map((target) => ({ ...target, ...(meta && { meta }) }));
}

function run(one: Case): RelabeledTargets {
  return relabelTargets(found(one), {
    targetRelabel: { flavour: "prometheus", rules: one.agent ?? [] },
    protectMode: one.protectMode ?? true,
  });
}

function only(one: Case): DesiredTarget {
  const { targets, issues } = run(one);
  expect(issues).toEqual([]);
  expect(targets).toHaveLength(1);
  return targets[0] as DesiredTarget;
}

function urlOf({ address }: DesiredTarget): string {
  return address.kind === "http" ? address.url : address.path;
}

const URLS = { urls: ["http://10.0.0.5:9100/metrics?match=a"] };

test("without rules targets are the very same", () => {
  const targets = found({});
  const none = { targetRelabel: { flavour: "prometheus", rules: [] }, protectMode: true } as const;
  expect(relabelTargets(targets, none).targets[0]).toBe(targets[0]);
});

test("rules that touch no part of the address leave key and spelling of the URL alone", () => {
  const written = "http://HOST:80/a%20b?x=1&x=2&y";
  const before = found({ input: { urls: [written] } })[0];
  const after = only({ input: { urls: [written] }, agent: [set("__tmp", "1")] });
  expect(urlOf(after)).toBe(written);
  expect(after.key).toBe(before?.key);
  expect(after.addedTags).toEqual(before?.addedTags);
  expect(after.upTags).toEqual(before?.upTags);
});

test.each([
  ["address", [set("__address__", "h:1")], "http://h:1/metrics?match=a"],
  ["scheme", [set("__scheme__", "https")], "https://10.0.0.5:9100/metrics?match=a"],
  ["path", [set("__metrics_path__", "/m")], "http://10.0.0.5:9100/m?match=a"],
  ["parameter", [set("__param_match", "b c")], "http://10.0.0.5:9100/metrics?match=b+c"],
  ["more", [set("__param_z", "1")], "http://10.0.0.5:9100/metrics?match=a&z=1"],
  ["less", [rule({ action: "labeldrop", regex: "__param_.*" })], "http://10.0.0.5:9100/metrics"],
] as const)("the URL follows the labels: %s", (_, rules, url) => {
  expect(urlOf(only({ input: URLS, rules }))).toBe(url);
});

test("parameters that no label holds stay", () => {
  const input = { urls: ["http://h/m?x=1&y&x=2"] };
  expect(urlOf(only({ input, rules: [set("__metrics_path__", "/n")] }))).toBe(
    "http://h/n?x=1&y=&x=2",
  );
  expect(urlOf(only({ input, rules: [set("__param_y", "3")] }))).toBe("http://h/m?x=1&y=3&x=2");
});

test("a probe is asked by another exporter, as blackbox users write it", () => {
  const target = only({
    input: { urls: ["http://shop.example.com/probe?module=http_2xx"] },
    rules: [
      copy("__address__", "__param_target"),
      copy("__param_target", "instance"),
      set("__address__", "127.0.0.1:9115"),
    ],
  });
  expect(urlOf(target)).toBe("http://127.0.0.1:9115/probe?module=http_2xx&target=shop.example.com");
  expect(target.addedTags).toEqual([["instance", "shop.example.com"]]);
  expect(target.upTags).toEqual({ instance: "shop.example.com", job: "prom" });
});

test("user and password of the URL stay in it and are in no label", () => {
  const target = only({
    input: { urls: ["http://me:secret@10.0.0.5:9100/metrics?token=tkn_1"] },
    rules: [set("__metrics_path__", "/m")],
  });
  expect(urlOf(target)).toBe("http://me:secret@10.0.0.5:9100/m?token=tkn_1");
  expect(JSON.stringify(target.discoveredLabels)).not.toMatch(/secret|tkn_1/);
  expect(target.discoveredLabels).toMatchObject({
    __address__: "10.0.0.5:9100",
    __param_token: "***",
  });
});

test("labels without __ become tags, as strong as those of the table, which they may replace", () => {
  const target = only({
    input: { tags: { team: "a", zone: "z" } },
    rules: [
      copy("__meta_kubernetes_pod_name", "pod"),
      set("team", "b"),
      set("host", "h"),
      rule({ action: "labeldrop", regex: "zone" }),
    ],
    meta: { __meta_kubernetes_pod_name: "web-1" },
  });
  expect(target.addedTags).toEqual([
    ["team", "b"],
    ["pod", "web-1"],
    ["host", "h"],
    ["instance", "10.0.0.5:9100"],
  ]);
  expect(target.upTags).toMatchObject({ team: "b", pod: "web-1", job: "prom" });
});

test("job is the source, and a tag only once a rule has written it", () => {
  expect(only({ rules: [copy("job", "service")] }).addedTags).toEqual([
    ["service", "prom"],
    ["host", "10.0.0.5"],
    ["instance", "10.0.0.5:9100"],
  ]);
  const renamed = only({ rules: [set("job", "node")] });
  expect(renamed.addedTags[0]).toEqual(["job", "node"]);
  expect(renamed.upTags?.["job"]).toBe("node");
});

test("rules come in the order table, file, agent", () => {
  const target = only({
    rules: [set("order", "table")],
    file: [rule({ sourceLabels: ["order"], targetLabel: "order", replacement: "$1-file" })],
    agent: [rule({ sourceLabels: ["order"], targetLabel: "order", replacement: "$1-agent" })],
  });
  expect(target.addedTags[0]).toEqual(["order", "table-file-agent"]);
});

test("interval and timeout are held as in drop-ins, and the other times with them", () => {
  const rules = [set("__scrape_interval__", "2s"), set("__scrape_timeout__", "1m")];
  const { input } = only({ rules });
  expect(input).toMatchObject({ intervalMs: 2000, timeoutMs: 2000 });
  expect(input.limits).toMatchObject({ connectTimeoutMs: 2000, idleTimeoutMs: 2000 });
  const hour = [set("__scrape_interval__", "1h")];
  expect(only({ rules: hour }).input.intervalMs).toBe(300_000);
  expect(only({ rules: hour, protectMode: false }).input.intervalMs).toBe(3_600_000);
});

test("a target that a rule drops is listed with what it was", () => {
  const drop = rule({ action: "drop", sourceLabels: ["__address__"], regex: "10[.].*" });
  const urls = ["http://10.0.0.5:9100/metrics", "http://h/metrics", "/var/page.txt"];
  const { targets, dropped, issues } = run({ input: { urls }, agent: [drop] });
  expect(targets.map(urlOf)).toEqual(["http://h/metrics", "/var/page.txt"]);
  expect(issues).toEqual([]);
  expect(dropped).toEqual([
    {
      source: "prom",
      discoveredLabels: {
        job: "prom",
        __scheme__: "http",
        __address__: "10.0.0.5:9100",
        __metrics_path__: "/metrics",
        __scrape_interval__: "30s",
        __scrape_timeout__: "30s",
        __meta_filepath: "a.conf",
      },
    },
  ]);
});

test.each([
  ["no address", [set("__address__", "")], "make no URL"],
  ["an address that is none", [set("__address__", "a b:x")], "make no URL"],
  ["another scheme", [set("__scheme__", "file")], "make no URL"],
  ["no interval", [set("__scrape_interval__", "soon")], "__scrape_interval__"],
  ["no timeout", [set("__scrape_timeout__", "0s")], "__scrape_timeout__"],
] as const)("%s is an error of that target alone", (_, rules, words) => {
  const { targets, dropped, issues } = run({ input: URLS, rules });
  expect([targets, dropped]).toEqual([[], []]);
  expect(issues).toMatchObject([{ severity: "error", file: "a.conf", key: "relabel_configs" }]);
  expect(issues[0]?.message).toContain(words);
  expect(issues[0]?.message).not.toContain("match=a");
});

test("two that become the same are scraped once, with a warning", () => {
  const urls = ["http://a/metrics", "http://b/metrics"];
  const { targets, issues } = run({ input: { urls }, rules: [set("__address__", "c:1")] });
  expect(targets.map(urlOf)).toEqual(["http://c:1/metrics"]);
  expect(issues).toMatchObject([{ severity: "warning" }]);
});

test("a file keeps its path and takes tags; no rule makes a URL of it", () => {
  const input = { urls: ["/var/page.txt"] };
  const target = only({ input, rules: [set("team", "a")] });
  expect(target.address).toMatchObject({ kind: "file", path: "/var/page.txt" });
  expect(target.addedTags[0]).toEqual(["team", "a"]);
  expect(run({ input, rules: [set("__scheme__", "http")] }).issues).toHaveLength(1);
});
