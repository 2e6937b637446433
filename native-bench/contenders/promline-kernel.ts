import { readFile } from "node:fs/promises";
import type { Scene } from "./contender.ts";
import { programOutput } from "./program-output.ts";

const GAUGE = /^promline_replay_enabled(?:\{[^}]*\})? (\S+)/m;
/** What the agent logs where it has no kernel. */
const WITHOUT = "series are not remembered";
const PRINT_PAGE = "console.log(await (await fetch(process.argv[1])).text())";

/** Asks a running agent whether it replays: without its kernel a scrape costs several times as much. */
export async function examineKernel(scene: Scene, output: string): Promise<string> {
  const url = `http://127.0.0.1:${scene.adminPort}/metrics`;
  const [file = "", ...args] = [...scene.network.agent, process.execPath];
  const page = await programOutput(file, [...args, "--input-type=module", "-e", PRINT_PAGE, url]);
  return kernelState(page.text, await readFile(output, "utf8"));
}

/** From the agent's own metrics, or of one that has no such gauge from its log. */
export function kernelState(metrics: string, log: string): string {
  const gauge = GAUGE.exec(metrics)?.[1];
  if (gauge !== undefined) {
    return `kernel ${Number(gauge) === 1 ? "active" : "missing"} (promline_replay_enabled ${gauge})`;
  }
  return log.includes(WITHOUT) ? "kernel missing (by its log)" : "kernel active (by its log)";
}
