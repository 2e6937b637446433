import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../../src/config/language/environment.ts";
import { formatIssue } from "../../../src/config/language/issue-text.ts";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import type { Machine } from "../../../src/config/settings/machine.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";

const MACHINE: Machine = {
  hostname: () => "machine",
  address: () => Promise.resolve("10.0.0.9"),
};

async function load(environment: Environment, toml?: string) {
  const file = toml === undefined ? undefined : join(scratchDirectory("settings"), "promline.toml");
  if (file !== undefined) {
    await writeFile(file, toml ?? "");
  }
  const { settings, issues } = await loadAgentSettings(file, environment, MACHINE);
  return { settings, issues: issues.map((issue) => formatIssue(issue)) };
}

describe("DataWay's clock", () => {
  const clockOf = async (environment: Environment, toml?: string) => {
    const { settings, issues } = await load(
      { ENV_DATAWAY: "http://a?token=1", ...environment },
      toml,
    );
    return { ...settings.datawayClock, issues };
  };

  test("is asked by default, but only where there is a DataWay", async () => {
    expect(await clockOf({})).toEqual({
      enabled: true,
      intervalMs: 300_000,
      leastOffsetMs: 30_000,
      issues: [],
    });
    expect((await load({})).settings.datawayClock.enabled).toBe(false);
    const toml =
      '[[destinations]]\nkind = "influxdb_v1"\nurl = "http://i"\ndb = "d"\n[dataway.ntp]\nenable = true';
    expect((await load({}, toml)).settings.datawayClock.enabled).toBe(false);
  });

  test("the switch means what it says", async () => {
    expect(await clockOf({ ENV_DATAWAY_DISABLE_NTP: "true" })).toMatchObject({ enabled: false });
    expect(await clockOf({ ENV_DATAWAY_DISABLE_NTP: "false" })).toMatchObject({ enabled: true });
    const off = "[dataway.ntp]\nenable = false";
    expect(await clockOf({}, off)).toMatchObject({ enabled: false });
    expect(await clockOf({ ENV_DATAWAY_DISABLE_NTP: "0" }, off)).toMatchObject({ enabled: true });
  });

  test("interval and difference have DataKit's lower bounds", async () => {
    const { intervalMs, leastOffsetMs, issues } = await clockOf({
      ENV_DATAWAY_NTP_INTERVAL: "10s",
      ENV_DATAWAY_NTP_DIFF: "1s",
    });
    expect([intervalMs, leastOffsetMs]).toEqual([60_000, 5000]);
    expect(issues).toEqual([
      "environment: warning: ENV_DATAWAY_NTP_INTERVAL: 10s is too short: 1m is used",
      "environment: warning: ENV_DATAWAY_NTP_DIFF: 1s is too short: 5s is used",
    ]);
  });
});

test("the sinker is off until it is asked for, and goes by the keys that are listed", async () => {
  const dataway = { ENV_DATAWAY: "http://a?token=1" };
  const sinkerOf = async (environment: Environment) => (await load(environment)).settings.sinker;
  expect(await sinkerOf(dataway)).toEqual({ enabled: false, customerKeys: [] });
  const keys = {
    ENV_DATAWAY_ENABLE_SINKER: "on",
    ENV_SINKER_GLOBAL_CUSTOMER_KEYS: "app, measurement",
  };
  expect(await sinkerOf({ ...dataway, ...keys })).toEqual({
    enabled: true,
    customerKeys: ["app", "measurement"],
  });
  expect((await sinkerOf({ ...dataway, ENV_DATAWAY_ENABLE_SINKER: "false" })).enabled).toBe(false);
  expect((await sinkerOf(keys)).enabled).toBe(false);
});

test("points far from their scrape are corrected unless that is switched off", async () => {
  expect((await load({})).settings.delivery.correctTimes).toBe(true);
  const { settings } = await load({ ENV_IO_AUTO_TIMESTAMP_CORRECTION: "false" });
  expect(settings.delivery.correctTimes).toBe(false);
});
