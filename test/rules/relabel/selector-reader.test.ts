import { expect, test } from "vitest";
import { SelectorReader } from "../../../src/rules/relabel/selector-reader.ts";

/** Groups of matchers as text, or what is wrong. */
function read(text: string): string {
  const reader = new SelectorReader(text);
  const selector = reader.selector();
  return selector === undefined
    ? reader.trouble
    : selector
        .map((group) => group.map(({ label, op, value }) => `${label}${op}${value}`).join(","))
        .join(" or ");
}

test.each([
  ["up", "__name__=up"],
  [" # comment\n up # more", "__name__=up"],
  ["{}", ""],
  ["up{}", "__name__=up"],
  ['{a="1",}', "a=1"],
  ['{a="1",b!="2",c=~"3",d!~"4"}', "a=1,b!=2,c=~3,d!~4"],
  ['x{a="1" or b="2"}', "__name__=x,a=1 or __name__=x,b=2"],
  ['{a="1" OR b="2"}', "a=1 or b=2"],
  ['{order="1"}', "order=1"],
  ['{"a b",c="1"}', "__name__=a b,c=1"],
  ['{"a b"="1"}', "a b=1"],
  ['{a="1" + "2" + `3`}', "a=123"],
  ["{a='it\\'s'}", "a=it's"],
  ["{a=`\\n`}", "a=\\n"],
  ['{a="\\x41\\u0042\\U00000043\\104\\t\\q"}', "a=ABCD\tq"],
  ['{a="\\UFFFFFFFF"}', "a=\ufffd"],
  ["foo\\-bar.baz:x", "__name__=foo-bar.baz:x"],
  ["größe", "__name__=größe"],
])("%s", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["", 'a name or { is missing at character 1 of ""'],
  ["up down", 'nothing more may stand at character 4 of "up down"'],
  ["{a", '=, !=, =~ or !~ is missing at character 3 of "{a"'],
  ["{a=", 'a value in quotes is missing at character 4 of "{a="'],
  ["{a=1}", 'a value in quotes is missing at character 4 of "{a=1}"'],
  ["{=1}", 'the name of a label is missing at character 2 of "{=1}"'],
  ["{a='1'", "a comma or } is missing at character 7 of \"{a='1'\""],
  ["{a='1' b='2'}", "a comma or } is missing at character 8 of \"{a='1' b='2'}\""],
  ["{a='1}", 'a value in quotes is missing at character 4 of "{a=\'1}"'],
  ["{a='1'+b}", "a value in quotes is missing at character 8 of \"{a='1'+b}\""],
])("%s is wrong", (text, trouble) => {
  expect(read(text)).toBe(trouble);
});
