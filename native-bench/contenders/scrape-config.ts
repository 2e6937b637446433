import { layPage } from "../workload/page-recipe.ts";
import type { RawRule } from "../workload/relabel-rules.ts";
import type { Scene } from "./contender.ts";
import { type PartTargets, partTargets } from "./part-targets.ts";

/** What differs between the two that read Prometheus' configuration. */
export interface ScrapeConfigOptions {
  /** `remote_write` in the file. */
  readonly remoteWrite: boolean;
  /** Large pages are parsed as they come (vmagent's `stream_parse`). */
  readonly streamParse: boolean;
}

/** Pages of this size and more are parsed as a stream where the agent can: its documentation advises so. */
const STREAM_BYTES = 100_000_000;

/**
 * Prometheus' configuration for a scene, as JSON, which is YAML. Filters become `keep` by exact name, the cheapest form: an
 * alternation of the names that pass, not of the patterns. Types are not known to relabeling, so the names carry them.
 */
export function scrapeConfig(scene: Scene, options: ScrapeConfigOptions): string {
  const targets = partTargets(scene.workload, scene.network, scene.targetsPort);
  const remoteWrite = [{ url: remoteWriteUrl(scene) }];
  const config = {
    scrape_configs: targets.map((part) => scrapeJob(part, scene.seed, options)),
    ...(options.remoteWrite ? { remote_write: remoteWrite } : {}),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

export function remoteWriteUrl({ network, sinkPort }: Scene): string {
  return `http://${network.sinkHost}:${sinkPort}/api/v1/write`;
}

function scrapeJob({ part, addresses }: PartTargets, seed: number, options: ScrapeConfigOptions) {
  const { recipe, intervalSeconds } = part;
  const { filter } = recipe;
  const relabel: RawRule[] = [];
  if (filter !== undefined) {
    const names = layPage(recipe, seed, 0).keptNames;
    relabel.push({ source_labels: ["__name__"], regex: names.join("|"), action: "keep" });
    if (filter.tagsIgnore.length > 0) {
      relabel.push({ regex: filter.tagsIgnore.join("|"), action: "labeldrop" });
    }
  }
  relabel.push(...(recipe.relabel ?? []));
  const stream = options.streamParse && recipe.kind === "kube-state" && recipe.size >= STREAM_BYTES;
  return {
    job_name: part.name,
    scrape_interval: `${intervalSeconds}s`,
    scrape_timeout: `${intervalSeconds}s`,
    static_configs: [{ targets: addresses }],
    metric_relabel_configs: relabel,
    ...(stream ? { stream_parse: true } : {}),
  };
}
