import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { AnchoredPattern } from "../../../src/rules/relabel/anchored-pattern.ts";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { RelabelProgram } from "../../../src/rules/relabel/relabel-program.ts";
import { md5Tail } from "./md5-tail.ts";
import { naiveRelabel } from "./naive-relabel.ts";
import { labels, regex, validRules, value } from "./random-rules.ts";

for (const flavour of ["prometheus", "vmagent"] as const) {
  const valid = validRules(flavour);

  test(`compiled and naive rules agree on any labels (${flavour})`, () => {
    fc.assert(
      fc.property(valid, fc.array(labels, { minLength: 1, maxLength: 4 }), (rules, series) => {
        const program = new RelabelProgram({ flavour, rules }, md5Tail);
        for (const one of series) {
          expect(byName(program.apply(one))).toEqual(byName(naiveRelabel(one, rules, flavour)));
          expect(program.explain(one).labels).toEqual(program.apply(one));
        }
      }),
      { numRuns: 2000 },
    );
  });
}

test("a pattern that was reduced matches what RE2 matches", () => {
  fc.assert(
    fc.property(regex, fc.array(value, { minLength: 1, maxLength: 8 }), (source, texts) => {
      const pattern = new AnchoredPattern(source);
      const whole = RE2JS.compile(`^(?:${source})$`, RE2JS.DOTALL);
      for (const text of texts) {
        expect(pattern.matches(text)).toBe(whole.matcher(text).matches());
      }
    }),
    { numRuns: 5000 },
  );
});

function byName(all: readonly Label[] | undefined): readonly Label[] | undefined {
  return all?.toSorted(([left], [right]) => (left < right ? -1 : 1));
}
