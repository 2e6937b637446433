import { RE2JS } from "re2js";
import { Template } from "./template.ts";

/** Everything, without a group: `replace_all` and `labelmap_all` of a rule without `regex`. */
const EVERYTHING = ".*";

/**
 * Replaces each match of a pattern, which need not be the whole text, as Go's `ReplaceAllString`:
 * an empty match right behind another match is none, and `.` does not match line ends.
 */
export function replaceAll(
  regex: string | undefined,
  replacement: string,
): (text: string) => string {
  const pattern = RE2JS.compile(regex ?? EVERYTHING);
  const named = pattern.namedGroups();
  const template = new Template(replacement, false);
  return (text) => {
    const matcher = pattern.matcher(text);
    const groups = {
      byNumber: (number: number) =>
        number <= matcher.groupCount() ? (matcher.group(number) ?? "") : "",
      byName: (name: string) => (Object.hasOwn(named, name) ? (matcher.group(name) ?? "") : ""),
    };
    let result = "";
    let from = 0;
    let lastEnd = -1;
    while (matcher.find()) {
      const start = matcher.start();
      const end = matcher.end();
      if (start !== end || start !== lastEnd) {
        result += text.slice(from, start) + template.expand(groups, () => "");
        from = end;
      }
      lastEnd = end;
    }
    return result + text.slice(from);
  };
}
