import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BenchEnvironment } from "../bench-environment.ts";
import type { RawRule } from "../workload/relabel-rules.ts";
import type { Contender, Found, Prepared, Scene } from "./contender.ts";
import { type PartTargets, partTargets } from "./part-targets.ts";
import { programOutput } from "./program-output.ts";
import { examineKernel } from "./promline-kernel.ts";
import { PROMLINE_PROGRAM_ENV } from "./promline-program.ts";

/** Our own agent as users run it: drop-ins, gzip to a DataWay, everything else as it comes. */
export async function findPromline(environment: BenchEnvironment): Promise<Found> {
  const { program, isCheckout } = environment;
  try {
    await access(program);
  } catch {
    return { kind: "missing", name: "promline", why: `there is no ${program}` };
  }
  const version = await programOutput(program, ["version"]);
  if (!version.ok) {
    return { kind: "missing", name: "promline", why: version.text };
  }
  const commit = await programOutput("git", ["describe", "--always", "--dirty"]);
  const origin = isCheckout && commit.ok ? commit.text : program;
  const contender: Contender = {
    name: "promline",
    version: `${version.text} (${origin})`,
    delivers: true,
    prepare: (scene) => prepare(scene, environment),
    examine: examineKernel,
  };
  return { kind: "found", contender };
}

async function prepare(scene: Scene, environment: BenchEnvironment): Promise<Prepared> {
  const { program, promlineConfig } = environment;
  const confDir = join(scene.dir, "conf.d");
  await mkdir(confDir);
  for (const targets of partTargets(scene.workload, scene.network, scene.targetsPort)) {
    await writeFile(join(confDir, `${targets.part.name}.conf`), promInput(targets));
  }
  const settings = promlineConfig === undefined ? [] : ["--config", promlineConfig];
  const command = {
    file: program,
    args: ["run", "--conf-dir", confDir, ...settings],
    env: {
      ...PROMLINE_PROGRAM_ENV,
      ENV_DATAWAY: `http://${scene.network.sinkHost}:${scene.sinkPort}?token=tkn_benchmark`,
      ENV_HTTP_LISTEN: `127.0.0.1:${scene.adminPort}`,
    },
  };
  return { kind: "command", command };
}

/** One `[[inputs.prom]]` for all targets of a part. */
export function promInput({ part, addresses }: PartTargets): string {
  const { filter, relabel = [] } = part.recipe;
  const lines = [
    "[[inputs.prom]]",
    `urls = ${list(addresses.map((address) => `http://${address}/metrics`))}`,
    `source = "${part.name}"`,
    `interval = "${part.intervalSeconds}s"`,
    `metric_types = ${list(filter?.types ?? [])}`,
    `metric_name_filter = ${list(filter?.names ?? [])}`,
    `tags_ignore = ${list(filter?.tagsIgnore ?? [])}`,
    `metric_relabel_configs = [${relabel.map(inlineTable).join(", ")}]`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Texts, numbers and lists of texts are the same in JSON and TOML. */
function inlineTable(rule: RawRule): string {
  const pairs = Object.entries(rule).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `{ ${pairs.join(", ")} }`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map((text) => `"${text}"`).join(", ")}]`;
}
