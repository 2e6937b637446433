import { expect, test } from "vitest";
import { parseSampleLine } from "../../src/exposition/parse-sample-line.ts";
import { SampleLine } from "../../src/exposition/sample-line.ts";
import { LineBuffer } from "../../src/lineprotocol/line-buffer.ts";
import { noLines } from "../../src/points/line-counts.ts";
import { FARTHEST_TIME_MS, needsStatus, PointWriter } from "../../src/points/point-writer.ts";

const AT_MS = 1_700_000_000_000;
const AT = "1700000000000000000";
const encoder = new TextEncoder();

/** Writes points of one page. */
class Page {
  readonly points: PointWriter;
  readonly counts = noLines();
  readonly #out = new LineBuffer(16);
  readonly #line = new SampleLine(8);

  constructor({ logging = false, correctTimes = false } = {}) {
    this.points = new PointWriter(logging, correctTimes);
    this.points.begin(this.#out, this.counts, AT_MS);
  }

  single(key: string, sample: string, { field = "f", honorTime = true } = {}): this {
    const bytes = this.#parse(sample);
    const start = this.#key(key);
    this.points.writeSingle(start, encoder.encode(field), this.#line, bytes, honorTime);
    return this;
  }

  half(part: "sum" | "count", key: string, sample: string): this {
    const bytes = this.#parse(sample);
    const start = this.#key(key);
    this.points.writeHalf(start, part, encoder.encode(part), this.#line, bytes);
    return this;
  }

  get lines(): string[] {
    return Buffer.from(this.#out.bytes.subarray(0, this.#out.length))
      .toString()
      .split("\n")
      .slice(0, -1);
  }

  #key(key: string): number {
    const start = this.#out.length;
    this.#out.putText(key);
    return start;
  }

  #parse(sample: string): Uint8Array {
    const bytes = encoder.encode(sample);
    expect(parseSampleLine(bytes, 0, bytes.length, "text", this.#line)).toBeUndefined();
    return bytes;
  }
}

test.each([
  ["m 1.50", "1.50"],
  ["m +5", "5"],
  ["m +Inf", "18446744073709552000"],
  ["m -Inf", "-9223372036854776000"],
])("the value of %j is written %s", (sample, value) => {
  expect(new Page().single("k", sample).lines).toEqual([`k f=${value} ${AT}`]);
});

test("a line's own time is written where it is honoured and positive", () => {
  expect(new Page().single("k", "m 1 1234").lines).toEqual(["k f=1 1234000000"]);
  expect(new Page().single("k", "m 1 1234", { honorTime: false }).lines).toEqual([`k f=1 ${AT}`]);
  expect(new Page().single("k", "m 1 0").lines).toEqual([`k f=1 ${AT}`]);
});

test("a time too far from that of the scrape becomes a field where times are corrected", () => {
  const far = AT_MS - FARTHEST_TIME_MS - 1;
  const page = new Page({ correctTimes: true });
  page.single("k", `m 1 ${far + 1}`).single("k", `m 1 ${far}`);
  page.single("k", `m 1 ${far}`, { field: "__orig_time" });
  expect(page.lines).toEqual([
    `k f=1 ${far + 1}000000`,
    `k f=1,__orig_time=${far}000000i ${AT}`,
    `k __orig_time=1 ${AT}`,
  ]);
  expect(page.counts).toMatchObject({ points: 3, sent: 3, timesCorrected: 2 });
  expect(new Page().single("k", `m 1 ${far}`).lines).toEqual([`k f=1 ${far}000000`]);
});

test.each<["sum" | "count", "sum" | "count"]>([
  ["sum", "count"],
  ["count", "sum"],
])("%s and %s of one series are one point, count first", (one, other) => {
  const page = new Page().half(one, "k", "m 1").half(other, "k", "m 1");
  expect(page.lines).toEqual([`k count=1,sum=1 ${AT}`]);
  expect(page.counts).toMatchObject({ points: 1, sent: 2 });
  expect(page.points.holds).toBe(false);
});

test("halves of two series, or the same half twice, are points of their own", () => {
  const page = new Page()
    .half("sum", "k", "m 1")
    .half("count", "l", "m 2")
    .half("count", "l", "m 3");
  expect(page.lines).toEqual([`k sum=1 ${AT}`, `l count=2 ${AT}`]);
  expect(page.points.holds).toBe(true);
  page.points.release();
  page.points.release();
  expect(page.lines).toEqual([`k sum=1 ${AT}`, `l count=2 ${AT}`, `l count=3 ${AT}`]);
});

test("a half that waits is written before the point that comes", () => {
  const page = new Page().half("sum", "k", "m 1").single("l", "m 2");
  expect(page.lines).toEqual([`k sum=1 ${AT}`, `l f=2 ${AT}`]);
  expect(Buffer.from(page.points.text()).toString()).toBe("l f=");
});

test("a half that was met elsewhere finds its other half here", () => {
  const page = new Page();
  page.points.hold({ part: "sum", seriesKey: "k", field: encoder.encode("sum"), value: "7" });
  expect(page.half("count", "k", "m 2").lines).toEqual([`k count=2,sum=7 ${AT}`]);
});

test("what was written last is told", () => {
  const page = new Page().single("k", "m 1", { field: "status" });
  expect([page.points.last, page.points.lastNeedsStatus]).toEqual(["single", false]);
  page.half("sum", "k", "m +1");
  expect(page.points.last).toMatchObject({ part: "sum", seriesKey: "k", value: "1" });
});

test("logging has a status beside every field but one of that name", () => {
  const page = new Page({ logging: true })
    .single("k", "m 1")
    .single("k", "m 1", { field: "status" });
  expect(page.lines).toEqual([`k f=1,status="INFO" ${AT}`, `k status=1 ${AT}`]);
  expect(page.points.tail(true)).toBe(`,status="INFO" ${AT}\n`);
  expect(page.points.tail(false)).toBe(` ${AT}\n`);
  expect(new Page().points.tail(true)).toBe(` ${AT}\n`);
  expect([needsStatus(encoder.encode("status")), needsStatus(encoder.encode("statu"))]).toEqual([
    false,
    true,
  ]);
});

test("a new page holds nothing of the last", () => {
  const page = new Page().half("sum", "k", "m 1");
  page.points.begin(new LineBuffer(0), noLines(), AT_MS);
  expect(page.points.holds).toBe(false);
});
