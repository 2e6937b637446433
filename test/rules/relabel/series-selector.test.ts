import { expect, test } from "vitest";
import { LabelSet } from "../../../src/rules/relabel/label-set.ts";
import { parseLabelsText } from "../../../src/rules/relabel/labels-text.ts";
import { parseSelector, SelectorProgram } from "../../../src/rules/relabel/series-selector.ts";

function matches(selector: string, series: string): boolean {
  const parsed = parseLabelsText(series);
  const labels = parsed.kind === "labels" ? parsed.labels : [];
  return new SelectorProgram([selector]).matches(new LabelSet(labels, "prometheus"));
}

test.each([
  ["up", "up"],
  ['up{job="a"}', 'up{job="a"}'],
  ["{}", "anything"],
  ['{"quoted.name",a="1"}', 'quoted.name{a="1"}'],
  ['{"a.b"="1"}', 'x{a.b="1"}'],
  ["{a='1', b=`2`,}", 'x{a="1",b="2"}'],
  ['x{a="1" or b="2"}', 'x{b="2"}'],
  ['{a="1"+"2"}', 'x{a="12"}'],
  ['{a="\\x41\\u0042\\103\\n\\""} # comment', 'x{a="ABC\\n\\""}'],
  ['foo\\-bar{a!~"b.*"}', 'foo-bar{a="c"}'],
  ['{order="1"}', 'x{order="1"}'],
  ['{a=""}', "x"],
  ['{a!="1"}', "x"],
])("%s means %s", (selector, series) => {
  expect(matches(selector, series)).toBe(true);
});

test.each([
  ['x{a="1" or b="2"}', 'y{b="2"}'],
  ['{a=~"b"}', 'x{a="abc"}'],
  ['{a=~".+"}', "x"],
  ['{a!=""}', "x"],
])("%s does not mean %s", (selector, series) => {
  expect(matches(selector, series)).toBe(false);
});

test.each([
  "",
  "up{",
  "up{job}",
  'up{job="a',
  "up{job==1}",
  "up{job=a}",
  'up{job="a"} 1',
  'up{job="a";}',
  '{a="1"+}',
  "1up",
  'sum(up{a="b"})',
])("%j is no selector and says where", (text) => {
  const parsed = parseSelector(text);
  expect(parsed).toMatchObject({ kind: "wrong", message: expect.stringContaining("at character") });
  expect(new SelectorProgram([text]).matches(new LabelSet([["a", "1"]], "prometheus"))).toBe(false);
});
