import fc from "fast-check";
import { checkRegex } from "../../../src/rules/relabel/anchored-pattern.ts";
import type { Label } from "../../../src/rules/relabel/label-set.ts";
import { readRule } from "../../../src/rules/relabel/read-rule.ts";
import {
  RELABEL_ACTIONS,
  type RelabelFlavour,
  type RelabelRule,
} from "../../../src/rules/relabel/relabel-rule.ts";
import { validateRule } from "../../../src/rules/relabel/validate-rule.ts";

const name = fc.constantFrom("__name__", "a", "b", "ab", "job", "le", "münze", "x.y");
export const value = fc.oneof(
  fc.constantFrom("", "a", "b", "ab", "a.b.c", "foo", "foobar", "10.0.0.1:80", "ÄÖ", "x\ny", "$1"),
  fc.string({ unit: fc.constantFrom("a", "b", ".", "-", "ß", "\n"), maxLength: 6 }),
);
const atom = fc.constantFrom(
  "a",
  "b",
  "foo",
  ".",
  ".*",
  ".+",
  "[ab]",
  "\\.",
  "(a)",
  "(.*)",
  "(.+)",
  "\\d+",
  "(?P<n>.)",
  "^",
  "$",
  "a?",
  "ß",
  "(?i:A)",
);
const sequence = fc.array(atom, { maxLength: 4 }).map((all) => all.join(""));
export const regex = fc
  .array(
    fc.oneof(
      sequence,
      sequence.map((inner) => `(?:${inner})`),
      sequence.map((inner) => `(${inner})`),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((all) => all.join("|"))
  .filter((source) => checkRegex(source) === undefined);
const template = fc
  .array(
    fc.constantFrom(
      "a",
      "x",
      "-",
      "$1",
      "$\u007b1}",
      "$\u007b2}",
      "$n",
      "$$",
      "$",
      "${",
      "{{a}}",
      "{{",
      "_",
    ),
    { maxLength: 4 },
  )
  .map((all) => all.join(""));
const selector = fc.constantFrom(
  "foo",
  '{a="a"}',
  '{a!="a",b=~"a.*"}',
  '{__name__=~"fo.+" or b!~".+"}',
  '{job=""}',
);
const rule: fc.Arbitrary<RelabelRule> = fc
  .record(
    {
      action: fc.constantFrom(...RELABEL_ACTIONS),
      source_labels: fc.array(name, { maxLength: 3 }),
      target_label: fc.oneof(name, template),
      regex,
      replacement: template,
      separator: fc.constantFrom(";", "", "-"),
      modulus: fc.integer({ min: 1, max: 1000 }),
      if: fc.array(selector, { minLength: 1, maxLength: 2 }),
      match: fc.constantFrom("foo", "*", "a.*.c", "*.*.*", "a*b*"),
      labels: fc.dictionary(name, template, { minKeys: 1, maxKeys: 2 }),
    },
    { requiredKeys: ["action"] },
  )
  .map((raw) =>
    raw.action === "graphite"
      ? { action: raw.action, match: raw.match ?? "*", labels: raw.labels ?? { a: "$1" } }
      : { ...raw, match: undefined, labels: undefined },
  )
  .map((raw) =>
    readRule(Object.fromEntries(Object.entries(raw).filter(([, given]) => given !== undefined))),
  )
  .filter((read) => read.kind === "rule")
  .map((read) => read.rule);
export const labels = fc
  .dictionary(name, value, { maxKeys: 6 })
  .map((all): Label[] => Object.entries(all));

/** One to six that a file of rules could hold. */
export function validRules(flavour: RelabelFlavour): fc.Arbitrary<readonly RelabelRule[]> {
  return fc
    .array(rule, { minLength: 1, maxLength: 6 })
    .map((all) => all.filter((one) => validateRule(one, { flavour, names: "utf8" }) === undefined))
    .filter((all) => all.length > 0);
}
