import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderConfigurationPage } from "../../src/config/configuration-page.ts";

test("docs/configuration.md is what the schemas say (npm run docs)", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  expect(page).toBe(renderConfigurationPage());
});

test("the page has each key of a table in its table, with default and secrecy", () => {
  const page = renderConfigurationPage();
  expect(page).toContain('| `interval` | duration | `"30s"` |');
  expect(page).toContain("| `auth.token` | string |  | The token. Secret. |");
  expect(page).toContain("Variable: `ENV_DATAWAY_TIMEOUT`.");
});
