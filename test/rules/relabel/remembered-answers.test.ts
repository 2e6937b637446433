import { expect, test } from "vitest";
import { RememberedAnswers } from "../../../src/rules/relabel/remembered-answers.ts";

test("an answer is remembered, false and empty ones too", () => {
  const answers = new RememberedAnswers<boolean | string>();
  answers.set("a", false);
  answers.set("b", "");
  expect([answers.get("a"), answers.get("b"), answers.get("c")]).toEqual([false, "", undefined]);
});

test("past 1024 texts the memory starts over", () => {
  const answers = new RememberedAnswers<number>();
  for (let text = 0; text < 1024; text++) {
    answers.set(String(text), text);
  }
  expect(answers.get("0")).toBe(0);
  answers.set("one more", 1);
  expect([answers.get("0"), answers.get("one more")]).toEqual([undefined, 1]);
});
