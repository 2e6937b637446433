import { expect, test } from "vitest";
import type { SampleRole } from "../../src/exposition/family-table.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { compileRules } from "../../src/rules/rules-program.ts";
import { rulesConfig } from "../support/rules-config.ts";

const GAUGE: SampleRole = { family: "app_queue", type: "gauge", part: "scalar" };
const BUCKET: SampleRole = { family: "app_wait", type: "histogram", part: "bucket" };
const INFO: SampleRole = { family: "target_info", type: "info", part: "info" };

function verdict(changes: Partial<RulesConfig>, role: SampleRole, name: string) {
  return compileRules(rulesConfig(changes)).program.verdict(role, name);
}

test("without rules a sample is kept and named after its family", () => {
  expect(verdict({}, BUCKET, "app_wait_bucket")).toEqual({
    kind: "kept",
    measurement: "app",
    field: "wait_bucket",
    part: "bucket",
  });
});

test("a scalar is named after itself, also within a family of another name", () => {
  const role: SampleRole = { family: "app_req", type: "counter", part: "scalar" };
  expect(verdict({}, role, "app_req_total")).toMatchObject({ field: "req_total" });
});

test("metric_types takes types in any case", () => {
  const changes = { metricTypes: ["Gauge"] };
  expect(verdict(changes, GAUGE, "app_queue").kind).toBe("kept");
  expect(verdict(changes, BUCKET, "app_wait_bucket")).toEqual({
    kind: "filtered",
    rule: "metric_types",
  });
  expect(verdict(changes, INFO, "target_info").kind).toBe("filtered");
});

test("a name filter matches the family's name or the sample's own", () => {
  for (const pattern of ["^app_wait$", "_bucket$"]) {
    expect(verdict({ metricNameFilter: [pattern] }, BUCKET, "app_wait_bucket").kind).toBe("kept");
    expect(verdict({ metricNameFilterIgnore: [pattern] }, BUCKET, "app_wait_bucket")).toEqual({
      kind: "filtered",
      rule: "metric_name_filter_ignore",
    });
  }
  expect(verdict({ metricNameFilter: ["nothing"] }, BUCKET, "app_wait_bucket")).toEqual({
    kind: "filtered",
    rule: "metric_name_filter",
  });
});

test("the ignore list goes first", () => {
  const changes = { metricNameFilter: ["app"], metricNameFilterIgnore: ["queue"] };
  expect(verdict(changes, GAUGE, "app_queue")).toMatchObject({ rule: "metric_name_filter_ignore" });
});

test("an info sample is told apart", () => {
  expect(verdict({}, INFO, "target_info")).toEqual({ kind: "info" });
});

test("patterns that do not compile are listed, in whichever rule they stand", () => {
  const { faults } = compileRules(
    rulesConfig({
      metricNameFilter: ["a("],
      metricNameFilterIgnore: ["b("],
      ignoreTagKvMatch: { le: ["c("] },
    }),
  );
  expect(faults.map(({ pattern }) => pattern)).toEqual(["a(", "b(", "c("]);
});
