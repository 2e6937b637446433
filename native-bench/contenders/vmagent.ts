import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BenchEnvironment } from "../bench-environment.ts";
import type { Contender, Found } from "./contender.ts";
import { programOutput } from "./program-output.ts";
import { remoteWriteUrl, scrapeConfig } from "./scrape-config.ts";

/** The default of 16 MB refuses the huge page. */
const MAX_SCRAPE_BYTES = "1GiB";

export async function findVmagent({ vmagent }: BenchEnvironment): Promise<Found> {
  const answered = await programOutput(vmagent, ["-version"]);
  if (!answered.ok) {
    return { kind: "missing", name: "vmagent", why: `${vmagent} does not run: ${answered.text}` };
  }
  const contender: Contender = {
    name: "vmagent",
    version: answered.text.startsWith("vmagent") ? answered.text : await packageVersion(vmagent),
    delivers: true,
    prepare: async (scene) => {
      const config = join(scene.dir, "vmagent.yml");
      await writeFile(config, scrapeConfig(scene, { remoteWrite: false, streamParse: true }));
      const command = {
        file: vmagent,
        args: [
          `-promscrape.config=${config}`,
          `-promscrape.maxScrapeSize=${MAX_SCRAPE_BYTES}`,
          `-remoteWrite.url=${remoteWriteUrl(scene)}`,
          `-remoteWrite.tmpDataPath=${join(scene.dir, "queue")}`,
          `-httpListenAddr=127.0.0.1:${scene.adminPort}`,
        ],
      };
      return { kind: "command", command };
    },
  };
  return { kind: "found", contender };
}

/** Debian's binary does not know its own version. Beside what `peers.sh` unpacks lies a list of the packages. */
async function packageVersion(file: string): Promise<string> {
  const unpacked = file.includes("/") ? await unpackedVersion(file) : undefined;
  if (unpacked !== undefined) {
    return unpacked;
  }
  const { ok, text } = await programOutput("dpkg-query", ["-W", "victoria-metrics"]);
  return ok ? `Debian ${text.replace("\t", " ")}` : "unknown";
}

/** Of `DIRECTORY/usr/bin/vmagent` by `DIRECTORY/versions`. */
async function unpackedVersion(file: string): Promise<string | undefined> {
  try {
    const versions = await readFile(join(dirname(file), "../../versions"), "utf8");
    const version = /^victoria-metrics \S+$/m.exec(versions)?.[0];
    return version === undefined ? undefined : `Debian ${version}`;
  } catch {
    return undefined;
  }
}
