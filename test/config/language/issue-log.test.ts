import { expect, test } from "vitest";
import type { ConfigIssue } from "../../../src/config/language/config-issue.ts";
import { IssueLog } from "../../../src/config/language/issue-log.ts";

function issue(message: string, line?: number, column = 1): ConfigIssue {
  const position = line === undefined ? {} : { position: { line, column } };
  return { severity: "error", file: "x", key: "k", message, ...position };
}

function logged(...issues: ConfigIssue[]): IssueLog {
  const log = new IssueLog();
  for (const one of issues) {
    log.add(one.severity, () => one);
  }
  return log;
}

test("issues come in the order of the text, those without a position first", () => {
  const log = logged(issue("c", 2), issue("b", 1, 9), issue("a", 1, 2), issue("whole"));
  expect(log.inOrder("x").map(({ message }) => message)).toEqual(["whole", "a", "b", "c"]);
});

test("only errors count as errors", () => {
  const log = logged(issue("a"), { ...issue("b"), severity: "warning" });
  expect(log.errors).toBe(1);
});

test("beyond two hundred the rest is counted, and their text is not made", () => {
  const log = logged(...Array.from({ length: 200 }, (_, index) => issue("a", index + 1)));
  log.add("error", () => {
    throw new Error("nobody reads it");
  });
  expect(log.inOrder("x").at(-1)).toMatchObject({
    severity: "warning",
    message: "1 more issues, not shown",
  });
  expect(log.errors).toBe(201);
});

test("patterns have a bound together, repetitions counted in", () => {
  const log = new IssueLog();
  const dear = `${"a".repeat(990)}{1000}`;
  expect([log.affords(dear), log.affords(dear), log.affords(dear)]).toEqual([true, true, false]);
});

test("nested repetitions cost their product, up to what RE2 allows", () => {
  const log = new IssueLog();
  const nested = "((x{100}){100}){100}";
  const most = Math.floor(2_000_000 / (nested.length * 1000));
  const answers = Array.from({ length: most + 1 }, () => log.affords(nested));
  expect(answers.indexOf(false)).toBe(most);
});
