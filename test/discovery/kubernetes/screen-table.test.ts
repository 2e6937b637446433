import { expect, test } from "vitest";
import { screenTable } from "../../../src/discovery/kubernetes/claims/screen-table.ts";
import { defaultPolicy } from "../../support/pod-claims.ts";

function rules(table: Record<string, unknown>, sandbox = true): string[] {
  return screenTable(table, { ...defaultPolicy, sandbox }).map(({ rule }) => rule);
}

test("what a pod usually writes is let through", () => {
  const table = { urls: ["http://$IP:9100"], interval: "30s", tags: { a: "b" } };
  expect(rules(table)).toEqual([]);
});

test.each([
  [{ output: "/x" }, "output_file"],
  [{ uds_path: "/x" }, "unix_socket"],
  [{ bearer_token_file: "/x" }, "file_key"],
  [{ cert_key: "/x" }, "file_key"],
  [{ auth: { token_file: "/x" } }, "file_key"],
  [{ http_headers: { a: "ENC[file:///etc/x]" } }, "secret_reference"],
  [{ tags: { a: "${ENV_TOKEN}" } }, "environment_reference"],
])("%j is refused in the sandbox only", (table, rule) => {
  expect(rules(table)).toEqual([rule]);
  expect(rules(table, false)).toEqual([]);
});

test.each([
  [{ relabel_config_file: "/x" }, "file_key"],
  [{ relabel_configs: [{ action: "drop" }] }, "target_relabel"],
  [{ metric_name_filter: ["(a{1000}){1000}"] }, "pattern_cost"],
  [{ metric_name_filter: Array.from({ length: 10_000 }, () => "a") }, "patterns"],
])("%j is refused without the sandbox too", (table, rule) => {
  expect(rules(table, false)).toContain(rule);
});

test("a group in a pattern or replacement is no variable", () => {
  expect(rules({ metric_relabel_configs: [{ replacement: "${name}" }] })).toEqual([]);
});
