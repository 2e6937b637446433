import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { INSTANCES } from "../../src/discovery/kubernetes/claims/annotation-claims.ts";
import type { PodSketch } from "./kube-pod.ts";

const DIRECTORY = fileURLToPath(new URL("../discovery/kubernetes/attacks/", import.meta.url));

/** One annotation that tries something, and what has to become of it. The file says both; see its comments. */
export interface Attack {
  readonly name: string;
  readonly pod: PodSketch;
  /** `rule key`, each refusal expected. */
  readonly refused: readonly string[];
  /** URLs that are scraped all the same. */
  readonly scraped: readonly string[];
}

const PLAIN: Omit<PodSketch, "name"> = {
  ips: ["10.1.2.3", "fd00::3"],
  hostIp: "192.0.2.1",
  ports: [8080],
};
const HOST_NETWORK = { ...PLAIN, ips: ["192.0.2.1"], hostNetwork: true, ports: [9100] };
const CONTROL_PLANE = {
  ...HOST_NETWORK,
  ips: ["192.0.2.2"],
  hostIp: "192.0.2.2",
  ports: [6443],
};

/** Where the API server is in all of them. */
export const ATTACKED_API_SERVERS = [
  { address: "10.96.0.1", port: 443 },
  { address: "192.0.2.2", port: 6443 },
];

export function attacks(): readonly Attack[] {
  return readdirSync(DIRECTORY)
    .sort()
    .map((file) =>
      attackOf(file.replace(/\.toml$/, ""), readFileSync(join(DIRECTORY, file), "utf8")),
    );
}

/** `# pod: …`, `# annotation: key = value`, `# refused: rule key` and `# scraped: url` at the top; all else is the annotation. */
function attackOf(name: string, text: string): Attack {
  const said = (what: string) =>
    [...text.matchAll(new RegExp(`^# ${what}: (.*)$`, "gm"))].map(([, rest = ""]) => rest.trim());
  const marks = said("annotation").map((line) => line.split(" = ") as [string, string]);
  const isToml = /^\[/m.test(text);
  return {
    name,
    refused: said("refused"),
    scraped: said("scraped"),
    pod: {
      ...shapeOf(said("pod")[0]),
      name: name.slice(0, 60),
      annotations: { ...Object.fromEntries(marks), ...(isToml ? { [INSTANCES]: text } : {}) },
    },
  };
}

function shapeOf(pod: string | undefined): Omit<PodSketch, "name"> {
  if (pod === undefined) return PLAIN;
  if (pod === "host-network") return HOST_NETWORK;
  if (pod === "control-plane") return CONTROL_PLANE;
  return { ...PLAIN, ips: [pod.replace(/^says /, "")] };
}
