import type { ConfigIssue } from "./config-issue.ts";

/** `file:line:column: key: what is wrong`, with "warning: " before the key where it is one. */
export function formatIssue(issue: ConfigIssue): string {
  const { position } = issue;
  const where = position === undefined ? "" : `:${position.line}:${position.column}`;
  const severity = issue.severity === "warning" ? "warning: " : "";
  const key = issue.key === "" ? "" : `${issue.key}: `;
  return `${issue.file}${where}: ${severity}${key}${issue.message}`;
}
