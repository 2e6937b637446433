/**
 * Upper and lower case as Go's `strings.ToUpper` and `ToLower`: one character becomes one
 * character. JavaScript also knows those that become several (`ß`) or that depend on their
 * neighbours (`Σ` at the end of a word).
 */
export function goUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapped(text, (one) => one.toUpperCase());
}

export function goLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapped(text, lowerOne);
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f]*$/.test(text);
}

/** `İ` is the one letter whose lower case has two characters in JavaScript and one in Go. */
function lowerOne(one: string): string {
  return one === "İ" ? "i" : one.toLowerCase();
}

function mapped(text: string, map: (one: string) => string): string {
  let result = "";
  for (const one of text) {
    const other = map(one);
    result += [...other].length === 1 ? other : one;
  }
  return result;
}
