import { expect, test } from "vitest";
import { labelText } from "../../src/exposition/label-text.ts";
import { corpusTest, suiteCases } from "../support/corpus.ts";
import { readPage } from "../support/read-page.ts";

function unescaped(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return labelText(bytes, 0, bytes.length, true);
}

test.each([
  ["plain", "plain"],
  ['\\"q\\"', '"q"'],
  ["\\\\n", "\\n"],
  ["a\\nb", "a\nb"],
  ["C:\\dir\\u003c", "C:\\dir\\u003c"],
  ["end\\", "end\\"],
  ["\ufeffbom", "\ufeffbom"],
])("%j means %j", (text, meaning) => {
  expect(unescaped(text)).toBe(meaning);
});

test("without the flag a backslash is only a backslash", () => {
  expect(labelText(new TextEncoder().encode("a\\nb"), 0, 4, false)).toBe("a\\nb");
});

corpusTest("vm_unescape: unescaping, and where a quoted text ends", (folder) => {
  const wrong = suiteCases(folder, "vm_unescape").filter((one) => {
    if (one.escaped !== undefined) {
      return unescaped(String(one.escaped)) !== one.unescaped;
    }
    const text = one.input ?? "";
    const close = Number(one.closing_quote_index);
    const { samples } = readPage(`a{b=${close < 0 ? text : text.slice(0, close + 1)}} 1\n`);
    return (samples.length === 1) !== close > 0;
  });
  expect(wrong).toEqual([]);
});
