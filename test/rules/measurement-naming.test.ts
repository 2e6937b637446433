import { expect, test } from "vitest";
import { namePoint } from "../../src/rules/measurement-naming.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { rulesConfig } from "../support/rules-config.ts";

function named(name: string, changes: Partial<RulesConfig> = {}): string {
  const { measurement, field } = namePoint(rulesConfig(changes), name);
  return `${measurement} / ${field}`;
}

test.each([
  ["etcd_write_total", "etcd / write_total", "etcd / etcd_write_total"],
  ["___etcd_write_total", "etcd / write_total", "etcd / etcd_write_total"],
  ["etcd_", "etcd / etcd", "etcd / etcd"],
  ["_etcd", "etcd / etcd", "etcd / etcd"],
  ["etcd", "etcd / etcd", "etcd / etcd"],
  ["_", "unknown / unknown", "unknown / unknown"],
  ["__", "unknown / unknown", "unknown / unknown"],
  ["x", "unknown / unknown", "unknown / unknown"],
  ["_x", "unknown / unknown", "unknown / unknown"],
  ["_é", "é / é", "é / é"],
  ["a__b", "a / _b", "a / a__b"],
  ["job:rate5m:sum", "job:rate5m:sum / job:rate5m:sum", "job:rate5m:sum / job:rate5m:sum"],
  ["up", "up / up", "up / up"],
])("%s splits at the first underscore", (name, split, kept) => {
  expect(named(name)).toBe(split);
  expect(named(name, { keepExistMetricName: true })).toBe(kept);
});

test("the first rule whose prefix fits wins over the fixed name, and its prefix is cut off", () => {
  const changes = {
    measurementName: "rest",
    measurements: [
      { prefix: "", name: "never" },
      { prefix: "etcd_network_", name: "net" },
      { prefix: "etcd_", name: "" },
    ],
  };
  expect(named("etcd_network_rx", changes)).toBe("net / rx");
  expect(named("etcd_server_leader", changes)).toBe("etcd / server_leader");
  expect(named("other_thing", changes)).toBe("rest / other_thing");
});

test("a rule whose prefix is the whole name leaves no field", () => {
  expect(named("up", { measurements: [{ prefix: "up", name: "m" }] })).toBe("m / ");
});

test("an empty measurement is prom, and the prefix goes in front of whatever it is", () => {
  const changes = { measurementPrefix: "k_", measurements: [{ prefix: "__", name: "" }] };
  expect(named("__x", changes)).toBe("k_prom / x");
  expect(named("etcd_x", changes)).toBe("k_etcd / x");
});

test("a prefix of many underscores is trimmed in linear time", { timeout: 2000 }, () => {
  const prefix = `a${"_".repeat(200_000)}b`;
  expect(named(`${prefix}_c`, { measurements: [{ prefix: `${prefix}_`, name: "" }] })).toBe(
    `${prefix} / c`,
  );
});
