import { expect, test } from "vitest";
import { previewFilters } from "../../src/points/filter-preview.ts";
import { promInput } from "../support/prom-input.ts";

const PAGE = Buffer.from(
  [
    "# TYPE rpc_seconds histogram",
    'rpc_seconds_bucket{le="1"} 1',
    'rpc_seconds_bucket{le="+Inf"} 1',
    "rpc_seconds_sum 1",
    "",
    "go_x 1",
    "broken{",
    "go_y 2",
  ].join("\n"),
);

function preview(rules: object) {
  const base = { ...promInput().rules, overridingTags: {}, addedTags: [] };
  return previewFilters(PAGE, "text", { ...base, ...rules }).map(
    ({ name, droppedBy, series, bytes }) => [name, droppedBy, series, bytes],
  );
}

test("each name with its series, the bytes of its lines and the filter that drops it", () => {
  expect(
    preview({ metricNameFilter: ["rpc_seconds$", "go_"], metricNameFilterIgnore: ["y"] }),
  ).toEqual([
    ["rpc_seconds_bucket", undefined, 2, 61],
    ["rpc_seconds_sum", undefined, 1, 18],
    ["go_x", undefined, 1, 7],
    ["go_y", "metric_name_filter_ignore", 1, 7],
  ]);
  expect(preview({ metricTypes: ["histogram"] }).map(([, droppedBy]) => droppedBy)).toEqual([
    undefined,
    undefined,
    "metric_types",
    "metric_types",
  ]);
});
