import fc from "fast-check";
import { expect, test } from "vitest";
import { malformedLines } from "../../src/points/line-counts.ts";
import type { RulesConfig } from "../../src/rules/rules-config.ts";
import { TransformedTarget, transformPage } from "../support/transform-page.ts";

const AT = "1700000000000000000";

function points(page: string, rules: Partial<RulesConfig> = {}): string[] {
  return transformPage(page, { rules })
    .map((line) => line.replace(` ${AT}`, ""))
    .toSorted();
}

test("a sample becomes a point named after its family, with its labels in byte order", () => {
  expect(points('app_b{z="1",a="2"} 3\n')).toEqual(["app,a=2,z=1 b=3"]);
});

test("a byte order mark survives at the beginning of names and values", () => {
  const page = `# TYPE i_info info
i_info{k="\ufeffz"} 1
{"\ufeffa_b","\ufeffl"="\ufeffv",m="\ufeff\\n"} 3
`;
  expect(points(page)).toEqual(["\ufeffa,k=\ufeffz,m=\ufeff\\ ,\ufeffl=\ufeffv b=3"]);
});

test("a bound that is almost a number costs linear time", { timeout: 2000 }, () => {
  const digits = "1".repeat(200_000);
  const page = `# TYPE a_h histogram\na_h_bucket{le="${digits}x"} 5\na_h_bucket{le="${digits}.1"} 6\n`;
  expect(points(page)).toEqual(["a,le=+Inf h_bucket=6", `a,le=${"1".repeat(1024)} h_bucket=5`]);
});

test("sum and count next to each other are one point in whatever order they come", () => {
  const page = `# TYPE a_h histogram
a_h_count{x="1"} 5
a_h_sum{x="1"} 2.5
a_h_sum{x="2"} 3

# note
a_h_count{x="2"} 1
`;
  expect(points(page)).toEqual(["a,x=1 h_count=5,h_sum=2.5", "a,x=2 h_count=1,h_sum=3"]);
});

test("sum and count with another point between them are two", () => {
  const page = `# TYPE a_h histogram
a_h_count{x="1"} 5
a_h_bucket{x="1",le="+Inf"} 5
a_h_sum{x="1"} 2.5
`;
  expect(transformPage(page)).toEqual([
    `a,x=1 h_count=5 ${AT}`,
    `a,le=+Inf,x=1 h_bucket=5 ${AT}`,
    `a,x=1 h_sum=2.5 ${AT}`,
  ]);
});

test("samples that make no point do not part a pair", () => {
  const page = `# TYPE a_h histogram
a_h_count{x="1"} 5
up 1
a_nan NaN
a_h_sum{x="1"} 2.5
`;
  expect(points(page, { metricNameFilterIgnore: ["up"] })).toEqual(["a,x=1 h_count=5,h_sum=2.5"]);
});

test("a half without its partner is a point of its own, and so is each of a repeated one", () => {
  const page = `# TYPE a_s summary
a_s_sum{x="1"} 1
a_s_sum{x="1"} 2
a_s_count{x="1"} 3
a_s_count{x="2"} 4
`;
  expect(points(page)).toEqual(["a,x=1 s_count=3,s_sum=2", "a,x=1 s_sum=1", "a,x=2 s_count=4"]);
});

test("halves that stay alone become points of their own, none is lost", () => {
  const label = "v".repeat(1000);
  const sums = Array.from({ length: 3000 }, (_, at) => `a_s_sum{x="${at}${label}"} 1\n`);
  const target = new TransformedTarget({});
  const lines = target.scrape(`# TYPE a_s summary\n${sums.join("")}`);
  expect(lines.length).toBe(3000);
  expect(target.transform.counts.sent).toBe(3000);
});

test("info labels win over all others, later ones over earlier, and stay with their page", () => {
  const target = new TransformedTarget({ rules: { overridingTags: { pod: "p" } } });
  const info = '# TYPE t info\nt_info{v="1",pod="i"} 1\nt_info{v="2"} 1\n';
  expect(target.scrape(`${info}a_b{v="own"} 1\n`)).toEqual([`a,pod=i,v=2 b=1 ${AT}`]);
  expect(target.scrape('a_b{v="own"} 1\n')).toEqual([`a,pod=p,v=own b=1 ${AT}`]);
  expect(target.transform.counts.dropped.info).toBe(0);
});

test("disable_info_tag leaves them out, and the sample still makes no point", () => {
  const page = '# TYPE t info\nt_info{v="1"} 1\na_b 1\n';
  expect(points(page, { disableInfoTag: true })).toEqual(["a b=1"]);
});

test("tags of an annotation win over labels and can be ignored and renamed; added tags fill in", () => {
  const rules: Partial<RulesConfig> = {
    overridingTags: { ns: "conf", gone: "x" },
    tagsIgnore: ["gone"],
    tagsRename: { overwriteExistTags: false, mapping: { ns: "namespace" } },
    addedTags: [
      ["ns", "added"],
      ["host", "h1"],
      ["host", "h2"],
    ],
  };
  expect(points('a_b{ns="label",host="own"} 1\na_c 2\n', rules)).toEqual([
    "a,host=h1,namespace=conf,ns=added c=2",
    "a,host=own,namespace=conf,ns=added b=1",
  ]);
});

test("a rename onto a taken name is skipped, or replaces what is there", () => {
  const mapping = { code: "status", absent: "x", same: "same" };
  const page = 'a_b{code="200",status="old",same="s"} 1\n';
  const renamed = (overwriteExistTags: boolean) =>
    points(page, { tagsRename: { overwriteExistTags, mapping } });
  expect(renamed(false)).toEqual(["a,code=200,same=s,status=old b=1"]);
  expect(renamed(true)).toEqual(["a,same=s,status=200 b=1"]);
});

test("ignore_tag_kv_match sees renamed and printed-again tags, escapes taken away", () => {
  const rules: Partial<RulesConfig> = {
    tagsRename: { overwriteExistTags: false, mapping: { code: "status" } },
    ignoreTagKvMatch: { status: ["^4"], le: ["^1e"], pod: ["^a b$"], free: ["^x y$"] },
    overridingTags: { pod: "a b" },
    addedTags: [["status", "added"]],
  };
  const page = `# TYPE a_h histogram
a_h_bucket{code="404",le="1000000",free="x y"} 1
a_h_bucket{code="200",le="1",free="x z"} 2
`;
  expect(points(page, rules)).toEqual([
    "a,free=x\\ z,le=1,status=200 h_bucket=2",
    "a,status=added h_bucket=1",
  ]);
});

test("a tag that would swallow the value is left out, wherever it comes from", () => {
  expect(points('a_b{b="x",c="y"} 1\n', { addedTags: [["b", "z"]] })).toEqual(["a,c=y b=1"]);
});

test("an empty value is no tag, and no other fills its place", () => {
  expect(points('a_b{host=""} 1\n', { addedTags: [["host", "h"]] })).toEqual(["a b=1"]);
});

test("le and quantile are printed again in their families only, in whatever form they are written", () => {
  const page = `# TYPE a_h histogram
a_h_bucket{le="1.0"} 1
a_h_bucket{le="inf"} 2
a_h_bucket{le="-INF"} 3
a_h_bucket{le="NaN"} 4
a_h_bucket{le="odd"} 5
# TYPE a_s summary
a_s{quantile="0.50"} 6
a_s 7
a_s{quantile="0.90"} 8
a_g{le="1.0",quantile="0.50"} 9
`;
  expect(points(page)).toEqual([
    "a s=7",
    "a,le=+Inf h_bucket=2",
    "a,le=-Inf h_bucket=3",
    "a,le=1 h_bucket=1",
    "a,le=1.0,quantile=0.50 g=9",
    "a,le=NaN h_bucket=4",
    "a,le=odd h_bucket=5",
    "a,quantile=0.5 s=6",
    "a,quantile=0.9 s=8",
  ]);
});

test("logging points carry service and status", () => {
  const page = '# TYPE a_s summary\na_s_sum 1\na_s_count 2\na_b{service="own"} 3\n';
  expect(points(page, { asLogging: { service: "" } })).toEqual([
    'a,service=a s_count=2,s_sum=1,status="INFO"',
    'a,service=own b=3,status="INFO"',
  ]);
  expect(points("a_b 3\na_status 4\n", { asLogging: { service: "pay" } })).toEqual([
    'a,service=pay b=3,status="INFO"',
    "a,service=pay status=4",
  ]);
});

test("values keep their text where both formats know it, and are printed where not", () => {
  const page = "a_a 1.5e+06\na_b +5\na_c .5\na_d -0\na_e 1.\na_f -Inf\na_g NaN\n";
  expect(points(page)).toEqual(["a a=1.5e+06", "a b=5", "a c=0.5", "a d=-0", "a e=1"]);
});

test("infinities in a summary become the constants of DataKit, NaN makes no point", () => {
  const page = `# TYPE a_s summary
a_s{quantile="0.5"} +Inf
a_s{quantile="0.9"} NaN
a_s_sum -Inf
a_s_count 1
`;
  expect(points(page)).toEqual([
    "a s_count=1,s_sum=-9223372036854776000",
    "a,quantile=0.5 s=18446744073709552000",
  ]);
});

test("a sample's own time is honoured where it is positive and the rules say so", () => {
  const page = "a_b 1 1699999990123\na_c 2 0\na_d 3 -5\n";
  expect(transformPage(page)).toEqual(["a b=1 1699999990123000000", `a c=2 ${AT}`, `a d=3 ${AT}`]);
  expect(transformPage(page, { rules: { honorTimestamps: false } })[0]).toBe(`a b=1 ${AT}`);
});

test("escapes are taken away before others are put on, in names as in values", () => {
  const page = String.raw`{"a_b,c\"d","la\\bel"="x\\y\"z\nw \q"} 1`;
  expect(points(page)).toEqual([String.raw`a,la\bel=x\y"z\ w\ \q b\,c\"d=1`]);
});

test("a value with more escapes than the scratch holds comes through whole", () => {
  const value = `${String.raw`\\x`.repeat(400)}`;
  const labels = Array.from({ length: 8 }, (_, at) => `l${at}="${value}"`).join(",");
  const [line] = transformPage(`a_b{${labels}} 1\n`);
  expect(line?.split(",").length).toBe(9);
  expect(line?.split(",")[8]).toBe(`l7=${String.raw`\x`.repeat(400)} b=1 ${AT}`);
});

test("a filtered, a malformed and a dropped line are each counted, and the ledger balances", () => {
  const page = `
# TYPE a_b gauge
a_b 1
a_b{ 2

oops
a_nan NaN
up 1
other_x 3
`;
  const target = new TransformedTarget({
    rules: { metricNameFilter: ["^a", "up"], measurements: [{ prefix: "up", name: "u" }] },
  });
  target.scrape(page);
  const { counts, examples } = target.transform;
  expect(counts).toMatchObject({ lines: 9, blank: 2, comments: 1, samples: 4, sent: 1, points: 1 });
  expect(counts.filtered.metric_name_filter).toBe(1);
  expect(counts.dropped).toMatchObject({ not_finite: 1, no_field: 1 });
  expect(malformedLines(counts)).toBe(2);
  expect(examples.map(({ line }) => line)).toEqual([4, 6]);
});

test("the sample limit ends the page at that line", () => {
  const target = new TransformedTarget({ limits: { samples: 2 } });
  expect(target.scrape("a_b 1\na_b 2\na_b 3\noops\n")).toHaveLength(2);
  expect(target.transform.stopped).toBe("sample_limit");
  expect(target.transform.counts).toMatchObject({ samples: 2, lines: 2 });
});

test("the unfinished last line of a page cut short is left out", () => {
  expect(transformPage("a_b 1\na_c 12", { whole: false })).toHaveLength(1);
  expect(transformPage("a_b 1\na_c 12")).toHaveLength(2);
});

test("a line longer than may be is a fault of that line", () => {
  const target = new TransformedTarget({ limits: { lineBytes: 40 } });
  expect(target.scrape(`a_b 1\na_c{x="${"y".repeat(100)}"} 1\na_d 2\n`)).toHaveLength(2);
  expect(target.transform.counts.malformed).toEqual({ line_too_long: 1 });
});

test("what follows # EOF is refused in OpenMetrics", () => {
  const target = new TransformedTarget({ dialect: "openmetrics" });
  expect(target.scrape("a_b 1\n# EOF\na_c 2\n\n")).toHaveLength(1);
  expect(target.transform.counts).toMatchObject({ malformed: { after_eof: 1 }, blank: 1 });
});

test("a series key longer than InfluxDB takes is dropped and counted", () => {
  const labels = Array.from({ length: 200 }, (_, at) => `l${at}="${"v".repeat(500)}"`).join(",");
  const target = new TransformedTarget({});
  expect(target.scrape(`a_b{${labels}} 1\na_c 2\n`)).toEqual([`a c=2 ${AT}`]);
  expect(target.transform.counts.dropped.series_key_too_long).toBe(1);
});

test("more tags than a point may have: the last ones go", () => {
  const labels = Array.from({ length: 250 }, (_, at) => `l${at}="v"`).join(",");
  const added = Array.from({ length: 20 }, (_, at) => [`x${at}`, "v"] as const);
  const [line] = transformPage(`a_b{${labels}} 1\n`, { rules: { addedTags: added } });
  expect(line?.split(" ")[0]?.split(",").length).toBe(257);
});

test("a target that invents names without end is transformed like any other", () => {
  const page = Array.from({ length: 30_000 }, (_, at) => `n${at}_x{l${at}="1"} ${at}\n`).join("");
  const lines = transformPage(`# TYPE i info\ni_info{v="1"} 1\n${page}`);
  expect(lines).toHaveLength(30_000);
  expect(lines[29_999]).toBe(`n29999,l29999=1,v=1 x=29999 ${AT}`);
});

const anyLine = fc.oneof(
  fc.constantFrom(
    "# TYPE a_h histogram",
    "# TYPE a_s summary",
    "# TYPE t info",
    "# TYPE a_h gauge",
    "# note",
    "",
    "oops {",
  ),
  fc
    .record({
      name: fc.constantFrom("a_h_bucket", "a_h_sum", "a_h_count", "a_s", "a_s_sum", "t_info", "b"),
      labels: fc.uniqueArray(fc.constantFrom("le", "quantile", "x", "y", "ignored"), {
        maxLength: 4,
      }),
      value: fc.constantFrom("1", "NaN", "+Inf", "2.5", "0x"),
      text: fc.string({ unit: fc.constantFrom("é", "a", " ", ","), maxLength: 5 }),
    })
    .map(({ name, labels, value, text }) => {
      return `${name}{${labels.map((label) => `${label}="${text}"`).join(",")}} ${value}`;
    }),
);

test("however the page is cut into chunks, the output is the same and the ledger balances", () => {
  fc.assert(
    fc.property(
      fc.array(anyLine, { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      (lines, chunk) => {
        const page = lines.join("\n");
        const rules = { tagsIgnore: ["ignored"], metricTypes: ["histogram", "summary", "untyped"] };
        const target = new TransformedTarget({ rules, chunk });
        const output = target.scrape(page);
        expect(output).toEqual(transformPage(page, { rules }));
        const { counts } = target.transform;
        const sum = (record: object) => Object.values(record).reduce((a, b) => a + b, 0);
        expect(counts.lines).toBe(
          counts.blank + counts.comments + counts.samples + malformedLines(counts),
        );
        expect(counts.samples).toBe(counts.sent + sum(counts.filtered) + sum(counts.dropped));
        expect(counts.points).toBe(output.length);
      },
    ),
  );
});

test("a time more than two hours from that of the scrape becomes a field where that is asked for", () => {
  const near = 1_700_000_000_000 - 7_200_000;
  const page = `a_b 1 ${near}\na_c 2 ${near - 1}\na_d 3 1700007200001\na_e 4\na_f 5 -5\n`;
  const target = new TransformedTarget({ rules: { correctTimes: true } });
  expect(target.scrape(page)).toEqual([
    `a b=1 ${near}000000`,
    `a c=2,__orig_time=${near - 1}000000i ${AT}`,
    `a d=3,__orig_time=1700007200001000000i ${AT}`,
    `a e=4 ${AT}`,
    `a f=5 ${AT}`,
  ]);
  expect(target.transform.counts).toMatchObject({ points: 5, sent: 5, timesCorrected: 2 });
  expect(transformPage(page, { rules: { correctTimes: true, honorTimestamps: false } })[1]).toBe(
    `a c=2 ${AT}`,
  );
});

test("a field that is called like the one for the time stays alone; in logging the status follows", () => {
  const rules = { correctTimes: true, measurements: [{ prefix: "a", name: "" }] } as const;
  expect(transformPage("a__orig_time 1 1\n", { rules })).toEqual([`a __orig_time=1 ${AT}`]);
  const logging = { correctTimes: true, asLogging: { service: "s" } } as const;
  expect(transformPage("a_b 1 1\n", { rules: logging })).toEqual([
    `a,service=s b=1,__orig_time=1000000i,status="INFO" ${AT}`,
  ]);
});
