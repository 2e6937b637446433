import { expect, test } from "vitest";
import { deliverySettingsOf } from "../../src/agent/delivery-plan.ts";
import { scrapeTargetOf } from "../../src/agent/targets/target-spec.ts";
import type { Environment } from "../../src/config/language/environment.ts";
import { loadAgentSettings } from "../../src/config/settings/load-agent-settings.ts";
import { staticTargets } from "../../src/discovery/static-targets.ts";
import { located } from "../support/prom-input.ts";

async function planOf(environment: Environment) {
  const { settings } = await loadAgentSettings(undefined, {
    ENV_DATAWAY: "http://dw?token=tkn_1",
    ENV_HOSTNAME: "n1",
    ENV_CLUSTER_NAME_K8S: "c",
    ENV_GLOBAL_HOST_TAGS: "zone=z",
    ...environment,
  });
  const [target] = staticTargets([located({})]).targets;
  const [destination] = deliverySettingsOf(settings, 1_000_000).destinations;
  return {
    sinker: destination?.kind === "dataway" ? destination.sinker : undefined,
    keys: target && scrapeTargetOf(target, settings).sinkKeys,
  };
}

test("with the sinker on, its keys are the global tags and those of the user", async () => {
  const environment = {
    ENV_DATAWAY_ENABLE_SINKER: "true",
    ENV_SINKER_GLOBAL_CUSTOMER_KEYS: "app,host",
  };
  expect(await planOf(environment)).toEqual({
    sinker: { globalTags: "cluster_name_k8s=c,host=n1,zone=z" },
    keys: ["zone", "cluster_name_k8s", "host", "app"],
  });
});

test("with the sinker off, nothing is grouped and no header sent", async () => {
  expect(await planOf({})).toEqual({ sinker: undefined, keys: undefined });
});
