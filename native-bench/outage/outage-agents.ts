import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchEnvironment, readBenchEnvironment } from "../bench-environment.ts";
import { programOutput } from "../contenders/program-output.ts";
import { type Points, pointsOfLines, pointsOfRemoteWrite } from "./outage-points.ts";
import type { OutageStage } from "./outage-stage.ts";

const PROMLINE = readBenchEnvironment().program;

export interface OutageAgent {
  readonly name: string;
  readonly read: (body: Buffer) => Points;
  /** Writes its configuration into `dir`, which lives as long as what it has to remember. */
  prepare(dir: string, stage: OutageStage, adminPort: number): Promise<Command>;
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const promlineAgent: OutageAgent = {
  name: "promline",
  read: pointsOfLines,
  prepare: async (dir, { targetPort, sinkPort }, adminPort) => {
    const confDir = join(dir, "conf.d");
    await mkdir(confDir, { recursive: true });
    const url = `http://127.0.0.1:${targetPort}/metrics`;
    const input = `[[inputs.prom]]\nurls = ["${url}"]\ninterval = "1s"\n`;
    await writeFile(join(confDir, "outage.conf"), input);
    const env = {
      HOME: dir,
      ENV_DATAWAY: `http://127.0.0.1:${sinkPort}?token=tkn_${"0".repeat(32)}`,
      ENV_DATAWAY_WAL_PATH: join(dir, "queue"),
      ENV_HTTP_LISTEN: `127.0.0.1:${adminPort}`,
    };
    return { file: PROMLINE, args: ["run", "--conf-dir", confDir], env };
  },
};

/** Promline, and of the others those that are installed. */
export async function findAgents(environment: BenchEnvironment): Promise<OutageAgent[]> {
  const { vmagent, prometheus } = environment;
  const found = [promlineAgent];
  if ((await programOutput(vmagent, ["-version"])).ok) {
    found.push(vmagentAgent(vmagent));
  }
  const version = await programOutput(prometheus, ["--version"]);
  if (version.ok) {
    const major = Number.parseInt(/version (\S+)/.exec(version.text)?.[1] ?? "", 10);
    found.push(prometheusAgent(prometheus, major >= 3 ? "--agent" : "--enable-feature=agent"));
  }
  return found;
}

function vmagentAgent(file: string): OutageAgent {
  return {
    name: "vmagent",
    read: pointsOfRemoteWrite,
    prepare: async (dir, stage, adminPort) => {
      const config = join(dir, "vmagent.yml");
      await writeFile(config, JSON.stringify({ scrape_configs: [jobOf(stage)] }));
      const args = [
        `-promscrape.config=${config}`,
        `-remoteWrite.url=${writeUrl(stage)}`,
        `-remoteWrite.tmpDataPath=${join(dir, "queue")}`,
        `-httpListenAddr=127.0.0.1:${adminPort}`,
      ];
      return { file, args };
    },
  };
}

function prometheusAgent(file: string, flag: string): OutageAgent {
  return {
    name: "prometheus agent",
    read: pointsOfRemoteWrite,
    prepare: async (dir, stage, adminPort) => {
      const config = join(dir, "prometheus.yml");
      const remoteWrite = [{ url: writeUrl(stage) }];
      const text = JSON.stringify({ scrape_configs: [jobOf(stage)], remote_write: remoteWrite });
      await writeFile(config, text);
      const args = [
        flag,
        `--config.file=${config}`,
        `--storage.agent.path=${join(dir, "wal")}`,
        `--web.listen-address=127.0.0.1:${adminPort}`,
      ];
      return { file, args };
    },
  };
}

function jobOf({ targetPort }: OutageStage) {
  return {
    job_name: "outage",
    scrape_interval: "1s",
    scrape_timeout: "1s",
    static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }],
  };
}

function writeUrl({ sinkPort }: OutageStage): string {
  return `http://127.0.0.1:${sinkPort}/api/v1/write`;
}
