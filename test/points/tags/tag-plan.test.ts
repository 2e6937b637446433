import fc from "fast-check";
import { expect, test } from "vitest";
import { KIB } from "../../../src/units.ts";
import { pageLines, ruleSets } from "../../support/page-mutations.ts";
import { TransformedTarget, transformPage } from "../../support/transform-page.ts";

const VALUES = [
  "",
  "one",
  "two",
  "0.50",
  "+Inf",
  "a b",
  "k=v,",
  "\\\\",
  "é",
  "x".repeat(1100),
  "1e3",
];

/** Runs of lines with the same labels, as exporters write them; `labels` are those of the whole run. */
const run = fc
  .record({
    names: fc.subarray(["a_h_bucket", "a_h_sum", "a_h_count", "a_s", "b", "b_le", "t_info"], {
      minLength: 1,
    }),
    labels: fc.subarray(["x", "le", "quantile", "y", "pod", "ignored", "status", "b", "service"]),
    values: fc.array(fc.array(fc.constantFrom(...VALUES), { minLength: 9, maxLength: 9 }), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map(({ names, labels, values }) =>
    values.flatMap((row) =>
      names.map((name) => {
        const braces = labels.map((label, place) => `${label}="${row[place]}"`).join(",");
        return `${name}{${braces}} 1`;
      }),
    ),
  );

const page = fc
  .array(fc.oneof({ weight: 3, arbitrary: run }, { weight: 1, arbitrary: pageLines }), {
    maxLength: 6,
  })
  .map((runs) => ["# TYPE a_h histogram", "# TYPE a_s summary", "# TYPE t info", ...runs.flat()]);

/** A target that forgets, before each line, the labels of the lines before. */
class ForgetfulTarget extends TransformedTarget {
  override scrape(text: string): string[] {
    const { transform } = this;
    const line = transform.line.bind(transform);
    transform.line = (...args) => {
      transform.outcome.line.shapes.clear();
      transform.outcome.line.shape = undefined;
      line(...args);
    };
    return super.scrape(text);
  }
}

test("what is known of the lines before changes nothing", () => {
  fc.assert(
    fc.property(page, ruleSets, fc.integer({ min: 1, max: KIB }), (lines, rules, chunk) => {
      const text = lines.join("\n");
      const knowing = new TransformedTarget({ rules, chunk });
      const forgetful = new ForgetfulTarget({ rules });
      expect(knowing.scrape(text)).toEqual(forgetful.scrape(text));
      expect(knowing.transform.counts).toEqual(forgetful.transform.counts);
      expect(knowing.scrape(text)).toEqual(forgetful.scrape(text));
    }),
    { numRuns: 400 },
  );
});

test("a value that comes and goes takes its tag with it", () => {
  const lines = ["one", "", "longer", "", "", "two"].map((x) => `app_b{x="${x}",y="1"} 3\n`);
  expect(transformPage(lines.join("")).map((point) => point.split(" ")[0])).toEqual([
    "app,x=one,y=1",
    "app,y=1",
    "app,x=longer,y=1",
    "app,y=1",
    "app,y=1",
    "app,x=two,y=1",
  ]);
});

test("a tag that one field would be swallowed by stays in the points of others", () => {
  const page = 'a_b{c="1",x="2"} 3\na_c{c="1",x="2"} 4\na_b{c="5",x="2"} 6\n';
  expect(transformPage(page).map((point) => point.split(" 17")[0])).toEqual([
    "a,c=1,x=2 b=3",
    "a,x=2 c=4",
    "a,c=5,x=2 b=6",
  ]);
});
