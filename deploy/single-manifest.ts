import { readFileSync } from "node:fs";
import { parse } from "yaml";

const BASE = new URL("kustomize/base/", import.meta.url);

const HEAD = `# promline for a whole cluster, in one file: put your token into the Secret below, and the image you built into the two places
# where it is named, then
#
#   kubectl apply -f daemonset.yaml
#
# Made by \`npm run manifests\` from deploy/kustomize/base: change it there.
`;

/** `daemonset.yaml`: the base, one file after the other. */
export function singleManifest(): string {
  const kustomization = parse(readFileSync(new URL("kustomization.yaml", BASE), "utf8"));
  const files: readonly string[] = kustomization.resources;
  return HEAD + files.map((file) => `---\n${readFileSync(new URL(file, BASE), "utf8")}`).join("");
}
