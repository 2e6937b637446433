import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeApi } from "./kube-api.ts";
import { scratchDirectory } from "./scratch-directory.ts";

/** Path of a kubeconfig for a fake API server, whose user has these fields. */
export function kubeconfigFor(api: KubeApi, user: Readonly<Record<string, string>> = {}): string {
  const path = join(scratchDirectory("kubeconfig"), "config");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster: { server: api.url } }],
    users: [{ name: "test", user }],
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}
