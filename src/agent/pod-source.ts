import type { Clock } from "../clock.ts";
import type { AgentSettings } from "../config/settings/agent-settings.ts";
import type { PodRules } from "../discovery/kubernetes/claims/pod-rules.ts";
import type { Refusal } from "../discovery/kubernetes/claims/refusal.ts";
import { PodDiscovery, type PodDiscoveryOptions } from "../discovery/kubernetes/pod-discovery.ts";
import { remedyOf } from "../discovery/kubernetes/pod-readiness.ts";
import type { ScrapeReport } from "../scrape/scrape-report.ts";
import type { KubernetesEntry, RefusedEntry } from "../telemetry/admin/targets-view.ts";
import type { ThrottledLog } from "../telemetry/log/throttled-log.ts";
import type { AgentMetrics } from "../telemetry/metrics/metrics.ts";
import type { PodMetrics } from "../telemetry/metrics/pod-metrics.ts";

/** Pod discovery, and what is told of it by log, metrics and page. */
export class PodSource {
  readonly #discovery: PodDiscovery;
  readonly #metrics: PodMetrics;
  readonly #clock: Clock;

  constructor(
    settings: AgentSettings["kubernetes"],
    rules: PodRules,
    clock: Clock,
    log: ThrottledLog,
    metrics: AgentMetrics,
    told: Pick<PodDiscoveryOptions, "located" | "changed">,
  ) {
    let targets = 0;
    this.#clock = clock;
    this.#discovery = new PodDiscovery({
      settings,
      rules,
      clock,
      located: (addresses) => told.located?.(addresses),
      changed: (found) => {
        targets = found.length;
        told.changed(found);
      },
      refused: (refusal) => {
        this.#metrics.recordRefusal(refusal.rule);
        const { namespace, pod, key, valueClass, rule, line } = refusal;
        const fields = { namespace, pod, key, line, valueClass, rule, detail: refusal.detail };
        log.say("warn", `refused ${namespace}/${pod} ${rule} ${key}`, "annotation refused", fields);
      },
      trouble: (fault) => {
        const reason = fault.kind === "fault" ? fault.reason : fault.kind;
        const remedy = fault.kind === "fault" ? remedyOf(fault) : undefined;
        const fields = { reason, detail: fault.detail, ...(remedy !== undefined && { remedy }) };
        log.say("warn", `kubernetes ${reason}`, "API server", fields);
      },
    });
    this.#metrics = metrics.watchPods(() => {
      const { heardAtMs, ...status } = this.#discovery.status();
      const silentMs = heardAtMs === undefined ? undefined : clock.now() - heardAtMs;
      return { ...status, targets, silentMs };
    });
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#discovery.start(signal);
  }

  stop(): Promise<void> {
    return this.#discovery.stop();
  }

  /** Why the pods are not known yet, for people; undefined once they are. */
  notReady(): string | undefined {
    return this.#discovery.notReady();
  }

  record(key: string, { counts, outputBytes }: ScrapeReport): void {
    this.#discovery.recordUsage(key, { samples: counts.samples, series: counts.sent, outputBytes });
  }

  /** For `/api/v1/targets`. */
  page(): { kubernetes: KubernetesEntry; refusals: readonly RefusedEntry[] } {
    const { node, synced, connected, heardAtMs, pods, refusals } = this.#discovery.status();
    const ageMs = heardAtMs === undefined ? undefined : this.#clock.now() - heardAtMs;
    const age = ageMs === undefined ? {} : { ageSeconds: Math.round(ageMs / 1000) };
    return { kubernetes: { node, synced, connected, pods, ...age }, refusals: refusals.map(shown) };
  }
}

function shown({ namespace, pod, key, line, valueClass, rule, detail }: Refusal): RefusedEntry {
  const place = line === undefined ? {} : { line };
  return { namespace, pod, key, ...place, valueClass, rule, detail };
}
