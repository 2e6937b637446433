import type { PromInput } from "../../config/input/prom-input.ts";
import { formatDuration } from "../../config/language/duration.ts";
import type { DesiredTarget } from "../../discovery/static-targets.ts";
import type { KnownAddress } from "../../discovery/target-address.ts";
import type { Label } from "../../rules/relabel/label-set.ts";

/** Begins the labels of a URL's parameters. */
export const PARAM = "__param_";
/** What a pod's annotations give for parameters. */
const META_PARAM = "__meta_kubernetes_pod_annotation_prometheus_io_param_";
const MASK = "***";

/**
 * What `relabel_configs` see of a target, by Prometheus' names: its address in parts, `job` (the source), `[tags]` and what its
 * discoverer says. A file has its path as address and the scheme `file`.
 */
export function targetLabels(target: DesiredTarget): readonly Label[] {
  const { input, file, meta } = target;
  return Object.entries({
    job: input.source,
    ...input.tags,
    ...addressLabels(target.address),
    ...intervalLabels(input),
    ...(meta ?? { __meta_filepath: file }),
  });
}

function addressLabels(address: KnownAddress): Record<string, string> {
  if (address.kind === "file") {
    return { __scheme__: "file", __address__: address.path };
  }
  const url = new URL(address.url);
  const params = [...url.searchParams].toReversed();
  return {
    __scheme__: url.protocol.slice(0, -1),
    __address__: address.instance,
    __metrics_path__: url.pathname,
    // Of several values the first, as in Prometheus.
    ...Object.fromEntries(params.map(([name, value]) => [PARAM + name, value])),
  };
}

function intervalLabels({ intervalMs, timeoutMs }: PromInput): Record<string, string> {
  return {
    __scrape_interval__: formatDuration(intervalMs),
    __scrape_timeout__: formatDuration(timeoutMs),
  };
}

/** As they may be shown: nothing tells which parameter of a URL is a token. */
export function shownLabels(labels: readonly Label[]): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map(([name, value]) => [name, isSecret(name) ? MASK : value]));
}

function isSecret(name: string): boolean {
  return name.startsWith(PARAM) || name.startsWith(META_PARAM);
}
