import fc from "fast-check";
import { expect } from "vitest";
import type { TransformLimits } from "../../src/points/page-transform.ts";
import { KIB, MIB } from "../../src/units.ts";
import { seriesMemory, replayTest as test } from "../support/replay-memory.ts";
import { TransformedTarget, type TransformOptions } from "../support/transform-page.ts";

const PAGE = `# HELP a_h h
# TYPE a_h histogram
a_h_bucket{x="1",le="1"} 3
a_h_bucket{x="1",le="+Inf"} 5
a_h_sum{x="1"} 2.5
a_h_count{x="1"} 5
# TYPE b gauge
b{y="one"} 1
b{y="two"} -2.5e-3 1699999990123

# TYPE s summary
s{quantile="0.5"} NaN
s_sum 1
s_count 2
up 1
`;

/** Scrapes the pages with replay and without, and expects the same of both. */
function agree(pages: readonly string[], options: TransformOptions = {}): TransformedTarget {
  const replayed = new TransformedTarget({ memory: seriesMemory(), ...options });
  const { memory: _, room: __, ...plain } = options;
  const cold = new TransformedTarget(plain);
  for (const page of pages) {
    expect(replayed.scrape(page)).toEqual(cold.scrape(page));
    expect(replayed.transform.counts).toEqual(cold.transform.counts);
    expect(replayed.transform.examples).toEqual(cold.transform.examples);
  }
  return replayed;
}

/** Lines of the last scrape that the cold path saw. */
function coldLines(target: TransformedTarget, page: string): number {
  let lines = 0;
  const { transform } = target;
  const line = transform.line.bind(transform);
  transform.line = (...of) => {
    lines++;
    line(...of);
  };
  target.scrape(page);
  return lines;
}

test("the second scrape writes what the first did, without the cold path", () => {
  const target = agree([PAGE, PAGE, PAGE]);
  expect(coldLines(target, PAGE)).toBe(0);
});

test("only the line that is new goes through the cold path", () => {
  const target = agree([PAGE, PAGE]);
  expect(coldLines(target, PAGE.replace("up 1", 'b{y="three"} 1\nup 1'))).toBe(1);
  expect(coldLines(target, PAGE.replace('b{y="one"} 1\n', ""))).toBe(0);
  expect(coldLines(target, PAGE)).toBe(0);
});

test("a type that changed sends the lines of its family through the cold path, and no others", () => {
  const target = agree([PAGE, PAGE]);
  expect(coldLines(target, PAGE.replace("b gauge", "b counter"))).toBe(3);
});

test("lines that change places are still known", () => {
  const lines = Array.from({ length: 50 }, (_, at) => `n_${at % 7}{x="${at}"} ${at}\n`);
  const target = agree([lines.join(""), lines.toReversed().join("")]);
  expect(coldLines(target, lines.toSorted().join(""))).toBe(0);
});

test("a dropped line is remembered as dropped", () => {
  const page = PAGE.replace("NaN", "1");
  const target = agree([page, page], { rules: { metricNameFilter: ["^b"] } });
  expect(coldLines(target, page)).toBe(0);
});

test.each<[string, string, Partial<TransformLimits>]>([
  ["a line longer than is held", `b 1\na{x="${"v".repeat(200 * KIB)}"} 1\nc 2\n`, {}],
  [
    "a line longer than may be",
    `b 1\na{x="${"v".repeat(200 * KIB)}"} 1\nc 2\n`,
    { lineBytes: 100 * KIB },
  ],
  ["a long type line", `b 1\n# TYPE c gauge${" ".repeat(200 * KIB)}\nc 2\n`, {}],
  [
    "a long text",
    `b{x="1",y="${"v".repeat(990)}",${Array.from({ length: 20 }, (_, at) => `l${at}="${"w".repeat(900)}"`)}} 1\nc 2\n`,
    {},
  ],
])("%s, wherever the chunks end", (_, page, limits) => {
  for (const chunk of [1000, 65_536, 300_000]) {
    agree([page, page, page], { limits, chunk });
  }
});

test("more families than are followed", () => {
  const families = Array.from({ length: 20_000 }, (_, at) => `# TYPE f${at}_x gauge\nf${at}_x 1\n`);
  const page = `${families.join("")}f1_x{y="1"} 1\n`;
  agree([page, page, page], { rules: { metricTypes: ["gauge"] } });
});

test("payloads are cut at the same lines", () => {
  const page = Array.from({ length: 20_000 }, (_, at) => `n_x{l="${at}"} ${at}\n`).join("");
  const replayed = new TransformedTarget({ memory: seriesMemory() });
  replayed.scrape(page);
  const first = replayed.payloads.map(({ rawBytes }) => rawBytes);
  expect(first.length).toBeGreaterThan(2);
  replayed.scrape(page);
  expect(replayed.payloads.map(({ rawBytes }) => rawBytes)).toEqual(first);
});

test("without room for all of a page the rest goes through the cold path", () => {
  const page = Array.from({ length: 5000 }, (_, at) => `n_x{l="${at}"} ${at}\n`).join("");
  const target = agree([page, page, page], { memory: seriesMemory(1.625 * MIB) });
  const cold = coldLines(target, page);
  expect(cold).toBeGreaterThan(0);
  expect(cold).toBeLessThan(5000);
});

test("a target whose series change for ever holds no more memory than a new one", {
  timeout: 60_000,
}, () => {
  const SERIES = 500;
  const pageAt = (scrape: number): string => {
    const lines = Array.from({ length: SERIES }, (_, place) => {
      // Five places, one in a hundred, have another series in each scrape.
      const generation = Math.floor((scrape * 5 + place) / SERIES);
      return `n_${place % 9}{pod="pod-${place}-${generation}",zone="z${place % 3}"} ${scrape}\n`;
    });
    return lines.join("");
  };
  const memory = seriesMemory();
  const target = new TransformedTarget({ memory });
  const scrapes = process.env["PROMLINE_SOAK"] === undefined ? 2000 : 10_000;
  for (let scrape = 0; scrape < scrapes; scrape++) {
    target.scrape(pageAt(scrape));
  }
  const fresh = new TransformedTarget({ memory: seriesMemory() });
  fresh.scrape(pageAt(scrapes));
  fresh.scrape(pageAt(scrapes));
  const bytes = target.replay?.rememberedBytes ?? 0;
  expect(bytes).toBeLessThanOrEqual(1.2 * (fresh.replay?.rememberedBytes ?? 0));
  expect(memory.kernel.usedBytes).toBe(bytes);
});

test("times near that of the scrape are the kernel's, those far from it the cold path's", () => {
  const rules = { correctTimes: true } as const;
  const page = "a_b 1 1699999990123\na_c 2 1690000000000\na_d 3 1700007200000\n";
  const target = agree([page, page, page], { rules });
  expect(coldLines(target, page)).toBe(1);
});

test("a line like the one before it takes little memory, wherever its output goes", () => {
  const series = Array.from(
    { length: 5000 },
    (_, at) => `n_x{a="${"v".repeat(200)}",l="${at}"} 1\n`,
  );
  const page = series.join("");
  for (const isRoom of [true, false]) {
    const memory = seriesMemory();
    const room = isRoom ? memory.kernel.takeRoom() : undefined;
    const target = agree([page, page], { memory, chunk: 65_536, ...(room && { room }) });
    expect(target.replay?.rememberedBytes ?? 0).toBeLessThan(100 * series.length);
  }
});

test("whatever stands where a value should, replay takes for one what the cold path does", () => {
  const unit = fc.constantFrom(..."0123456789.eE+-N_ \r");
  const number = fc
    .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(22))
    .map(([value, digits]) => (digits > 20 ? String(value) : value.toPrecision(digits + 1)));
  const value = fc.oneof(number, fc.string({ unit, maxLength: 36 }), fc.constantFrom("1e5", "-.5"));
  const pageOf = (values: readonly string[]) =>
    values.map((text, at) => `v_x{n="${at}"} ${text}\n`).join("");
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const known = pageOf(values.map(() => "1"));
      agree([known, known, pageOf(values), known]);
    }),
    { numRuns: 500 },
  );
});
