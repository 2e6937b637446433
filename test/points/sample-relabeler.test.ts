import { expect, test } from "vitest";
import { NO_SERIES_LIMITS, type SeriesLimits } from "../../src/rules/relabel/series-config.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { seriesConfig } from "../support/series-config.ts";
import { TransformedTarget, transformPage } from "../support/transform-page.ts";

/** Lines of line protocol without their time. */
function points(
  page: string,
  rules: readonly Readonly<Record<string, unknown>>[],
  others: Partial<RulesConfig> = {},
): string[] {
  const lines = transformPage(page, { rules: { ...others, series: seriesConfig(rules) } });
  return lines.map((line) => line.replace(/ \d+$/, ""));
}

const RENAME = {
  source_labels: ["__name__"],
  regex: "old_(.+)",
  target_label: "__name__",
  replacement: "new_$1",
};

test("a new name names measurement and field", () => {
  expect(points('old_x_total{a="b"} 1\n', [RENAME])).toEqual(["new,a=b x_total=1"]);
});

test("sum, count and buckets of a renamed family stay together", () => {
  const page = [
    "# TYPE old_s histogram",
    'old_s_bucket{le="0.5"} 1',
    'old_s_bucket{le="+Inf"} 2',
    "old_s_sum 3",
    "old_s_count 2",
    "",
  ].join("\n");
  expect(points(page, [RENAME])).toEqual([
    "new,le=0.5 s_bucket=1",
    "new,le=+Inf s_bucket=2",
    "new s_count=2,s_sum=3",
  ]);
});

test("filters see the page's names, tags_ignore and tags_rename what the rules made", () => {
  const lines = points(
    'old_x{a="1"} 1\nother_y 2\n',
    [RENAME, { source_labels: ["a"], target_label: "b" }, { target_label: "c", replacement: "3" }],
    {
      metricNameFilter: ["^old_"],
      tagsIgnore: ["a"],
      tagsRename: { overwriteExistTags: false, mapping: { c: "d" } },
    },
  );
  expect(lines).toEqual(["new,b=1,d=3 x=1"]);
});

test("escapes and UTF-8 names come through", () => {
  const page = '{"über.x","dü.b"="q\\"\\\\\\n"} 1.50\n';
  const rule = { source_labels: ["dü.b"], target_label: "é.c" };
  const plain = transformPage(page, {});
  expect(points(page, [{ target_label: "gone", replacement: "" }])).toEqual(
    plain.map((line) => line.replace(/ \d+$/, "")),
  );
  expect(points(page, [rule])[0]).toContain("é.c=");
});

test("what the rules drop is counted as filtered by them", () => {
  const drop = { action: "drop", source_labels: ["a"], regex: "1" };
  const target = new TransformedTarget({ rules: { series: seriesConfig([drop]) } });
  expect(target.scrape('x_y{a="1"} 1\nx_y{a="2"} 2\n')).toHaveLength(1);
  const { counts } = target.transform;
  expect(counts).toMatchObject({ samples: 2, sent: 1, filtered: { metric_relabel_configs: 1 } });
});

test("a series that loses its name is dropped", () => {
  expect(points("x_y 1\n", [{ target_label: "__name__", replacement: "" }])).toEqual([]);
});

test("honor_labels = false: a label gives way to the tag of its name", () => {
  const rules = {
    addedTags: [["instance", "h:1"]] as const,
    series: seriesConfig([], { honorLabels: false }),
  };
  const [line] = transformPage('x_y{instance="theirs",exported_instance="e"} 1\n', { rules });
  expect(line).toMatch(
    /^x,exported_exported_instance=theirs,exported_instance=e,instance=h:1 y=1 /,
  );
});

function limited(limits: Partial<SeriesLimits>, page: string): TransformedTarget {
  const config = seriesConfig([], { limits: { ...NO_SERIES_LIMITS, ...limits } });
  const target = new TransformedTarget({ rules: { series: config } });
  target.scrape(page);
  return target;
}

test.each([
  ["sample_limit", { samples: 1 }],
  ["label_limit", { labels: 2 }],
  ["label_name_length_limit", { labelNameBytes: 8 }],
  ["label_value_length_limit", { labelValueBytes: 3 }],
] as const)("%s ends the page, and the books balance", (reason, limits) => {
  const { transform } = limited(limits, 'x_y 1\nx_y{aaaaaaaaa="1",b="äää"} 2\nx_y 3\n');
  expect(transform.stopped).toBe(reason);
  expect(transform.counts).toMatchObject({ samples: 1, sent: 1, lines: 1 });
});

test("series_limit drops series that are new and keeps the page", () => {
  const target = limited({ series: 2 }, 'x_y{a="1"} 1\nx_y{a="2"} 1\nx_y{a="3"} 1\n');
  expect(target.transform.stopped).toBeUndefined();
  expect(target.transform.counts.dropped.series_limit).toBe(1);
  expect(target.scrape('x_y{a="3"} 1\nx_y{a="2"} 1\n')).toHaveLength(1);
});

test("rules that change nothing change no byte", () => {
  const page =
    '# TYPE a_s summary\na_s{quantile="0.50"} 1e3\na_s_sum 4\nq_r{x="a b"} 0x1p3 1700000000123\n';
  const rule = { action: "drop", source_labels: ["never"], regex: "x" };
  expect(transformPage(page, { rules: { series: seriesConfig([rule]) } })).toEqual(
    transformPage(page),
  );
});
