import { expect, test } from "vitest";
import { parseCommandArguments } from "../../src/cli/command-arguments.ts";
import { COMMANDS } from "../../src/cli/command-table.ts";

function parse(name: string, ...args: string[]) {
  return parseCommandArguments(COMMANDS.find((command) => command.name === name)!, args);
}

test("values and positionals are told apart", () => {
  expect(parse("once", "a.conf", "--exposition", "-", "--at=1700000000")).toEqual({
    kind: "ok",
    values: { exposition: "-", at: "1700000000" },
    positionals: ["a.conf"],
  });
});

test("an option without a value is there or not", () => {
  const found = { kind: "ok", values: { verbose: "" }, positionals: [] };
  expect(parse("version", "--verbose")).toEqual(found);
});

test("after -- everything is a positional", () => {
  expect(parse("check", "--", "--odd.conf")).toEqual({
    kind: "ok",
    values: {},
    positionals: ["--odd.conf"],
  });
});

test.each([["--help"], ["-h"]])("%s asks for help, whatever else is there", (flag) => {
  expect(parse("once", "a", "b", flag)).toEqual({ kind: "help" });
});

test.each([
  ["run", ["--conf-dri", "x"], "unknown option --conf-dri; did you mean --conf-dir?"],
  ["run", ["--zzzzzz"], "unknown option --zzzzzz"],
  ["run", ["-x"], "unknown option -x"],
  ["run", ["--conf-dir"], "option --conf-dir needs a value"],
  ["run", ["--conf-dir="], "option --conf-dir needs a value"],
  ["run", ["--conf-dir", "--config", "f"], "option --conf-dir needs a value"],
  ["version", ["--verbose=1"], "option --verbose takes no value"],
  ["run", ["conf.d"], "unexpected argument conf.d"],
  ["check", ["--confg", "f"], "unknown option --confg; did you mean --config?"],
  ["once", [], "once needs a file"],
  ["once", ["a", "b"], "unexpected argument b"],
])("%s %j is refused", (name, args, message) => {
  expect(parse(name, ...args)).toEqual({ kind: "wrong", message });
});
