import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchEnvironment } from "../bench-environment.ts";
import type { Contender, Found } from "./contender.ts";
import { programOutput } from "./program-output.ts";
import { scrapeConfig } from "./scrape-config.ts";

/** From this version on agent mode has a flag of its own. */
const AGENT_FLAG_SINCE = 3;

export async function findPrometheus({ prometheus }: BenchEnvironment): Promise<Found> {
  const { ok, text } = await programOutput(prometheus, ["--version"]);
  if (!ok) {
    return { kind: "missing", name: "prometheus", why: `${prometheus} does not run: ${text}` };
  }
  const version = /version (\S+)/.exec(text)?.[1] ?? "unknown";
  const agent =
    Number.parseInt(version, 10) >= AGENT_FLAG_SINCE ? "--agent" : "--enable-feature=agent";
  const contender: Contender = {
    name: "prometheus",
    version,
    delivers: true,
    prepare: async (scene) => {
      const config = join(scene.dir, "prometheus.yml");
      await writeFile(config, scrapeConfig(scene, { remoteWrite: true, streamParse: false }));
      return {
        file: prometheus,
        args: [
          agent,
          `--config.file=${config}`,
          `--storage.agent.path=${join(scene.dir, "wal")}`,
          `--web.listen-address=127.0.0.1:${scene.adminPort}`,
        ],
      };
    },
  };
  return { kind: "found", contender };
}
