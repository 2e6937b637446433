import { expect, test } from "vitest";
import { ColdPath } from "../../../native-bench/in-process/cold-path.ts";
import { pageBytes } from "../../../native-bench/workload/page-bytes.ts";
import { relabelRules } from "../../../native-bench/workload/relabel-rules.ts";

const PAGE = pageBytes({ kind: "istio", size: 300 }, 1);

test.each([0, 15, 1000])("%i rules keep every sample", (count) => {
  const rules = relabelRules(count);
  expect(rules).toHaveLength(count);
  const { counts } = new ColdPath(undefined, rules).run(PAGE);
  const plain = new ColdPath(undefined).run(PAGE).counts;
  expect(counts.filtered.metric_relabel_configs).toBe(0);
  expect([counts.samples, counts.sent]).toEqual([plain.samples, plain.sent]);
});

test("with rules the points are others", () => {
  const with15 = new ColdPath(undefined, relabelRules(15)).run(PAGE);
  expect(with15.outputBytes).not.toBe(new ColdPath(undefined).run(PAGE).outputBytes);
});
