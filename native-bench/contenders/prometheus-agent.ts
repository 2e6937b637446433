import { writeFile } from "node:fs/promises";
import { freemem } from "node:os";
import { join } from "node:path";
import { GIB } from "../../src/units.ts";
import type { BenchEnvironment } from "../bench-environment.ts";
import type { Workload } from "../workload/workload.ts";
import type { Contender, Found } from "./contender.ts";
import { programOutput } from "./program-output.ts";
import { scrapeConfig } from "./scrape-config.ts";

/** From this version on agent mode has a flag of its own. */
const AGENT_FLAG_SINCE = 3;

/** It holds 7 KB for each series of 150 to 400 bytes: only the huge page is beyond a usual machine. */
const MEMORY_PER_BYTE = 50;

function memoryFor({ parts }: Workload): number {
  const huge = parts.filter(({ recipe }) => recipe.kind === "kube-state");
  return huge.reduce((sum, { recipe }) => sum + recipe.size * MEMORY_PER_BYTE, 0);
}

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
      const needed = memoryFor(scene.workload);
      if (needed > freemem()) {
        const why = `it would need some ${Math.ceil(needed / GIB)} GiB of memory`;
        return { kind: "unfit", why };
      }
      const config = join(scene.dir, "prometheus.yml");
      await writeFile(config, scrapeConfig(scene, { remoteWrite: true, streamParse: false }));
      const command = {
        file: prometheus,
        args: [
          agent,
          `--config.file=${config}`,
          `--storage.agent.path=${join(scene.dir, "wal")}`,
          `--web.listen-address=127.0.0.1:${scene.adminPort}`,
        ],
      };
      return { kind: "command", command };
    },
  };
  return { kind: "found", contender };
}
