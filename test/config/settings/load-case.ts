import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../../src/config/language/environment.ts";
import { formatIssue } from "../../../src/config/language/issue-text.ts";
import type { AgentSettings } from "../../../src/config/settings/agent-settings.ts";
import { loadAgentSettings } from "../../../src/config/settings/load-agent-settings.ts";
import type { Machine } from "../../../src/config/settings/machine.ts";
import { scratchDirectory } from "../../support/scratch-directory.ts";

export const MACHINE: Machine = {
  hostname: () => "machine",
  address: () => Promise.resolve("10.0.0.9"),
};
export const OFFLINE: Machine = { ...MACHINE, address: () => Promise.resolve(undefined) };

/** Loads settings of an environment and, where there is one, the text of `promline.toml`; issues are one line each. */
export async function load(
  environment: Environment,
  toml?: string,
  machine: Machine = MACHINE,
): Promise<{ settings: AgentSettings; issues: string[] }> {
  const dir = scratchDirectory("settings");
  const file = join(dir, "promline.toml");
  if (toml !== undefined) {
    await writeFile(file, toml);
  }
  const loaded = await loadAgentSettings(
    toml === undefined ? undefined : file,
    environment,
    machine,
  );
  const issues = loaded.issues.map((issue) => formatIssue(issue).replace(`${dir}/`, ""));
  return { settings: loaded.settings, issues };
}
