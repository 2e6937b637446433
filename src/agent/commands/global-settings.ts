import type { ConfigIssue } from "../../config/language/config-issue.ts";
import type { Environment } from "../../config/language/environment.ts";
import type { AgentSettings } from "../../config/settings/agent-settings.ts";
import { loadAgentSettings } from "../../config/settings/load-agent-settings.ts";

/** What `promline.toml` says of all inputs, for commands that scrape or relabel without an agent. */
export type GlobalSettings = Pick<
  AgentSettings,
  "metricRelabel" | "targetRelabel" | "globalHostTags" | "globalElectionTags"
>;

/**
 * Of the file, exactly as `run` would have it. Without a file there are no rules, and the tags are those that the environment
 * names: the agent adds `host` to them, but a file tried out on a laptop does not need it.
 */
export async function globalSettings(
  configFile: string | undefined,
  environment: Environment,
): Promise<{ settings: GlobalSettings; issues: readonly ConfigIssue[] }> {
  const { settings, issues } = await loadAgentSettings(configFile, environment);
  if (configFile !== undefined) {
    return { settings, issues };
  }
  const named = environment["ENV_GLOBAL_HOST_TAGS"] ?? environment["ENV_GLOBAL_TAGS"] ?? "";
  const { host, ...others } = settings.globalHostTags;
  const tags = host !== undefined && /(^|,)host=/.test(named) ? settings.globalHostTags : others;
  return {
    settings: { ...settings, globalHostTags: tags, globalElectionTags: tags },
    issues: [],
  };
}
