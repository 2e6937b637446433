import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

/** What the metrics say of the pods of this node; asked for each time they are read. */
export interface PodNumbers {
  readonly pods: number;
  readonly targets: number;
  readonly synced: boolean;
  /** Since the API server was heard last; undefined: never. */
  readonly silentMs: number | undefined;
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** Numbers of pod discovery. Made only where it runs. */
export class PodMetrics {
  readonly #refusals: Counter<"rule">;

  constructor(registers: Registry[], numbers: () => PodNumbers) {
    this.#refusals = new Counter({
      name: "promline_annotation_refusals_total",
      help: "What pods asked for and did not get, by rule.",
      labelNames: ["rule"],
      registers,
    });
    const gauge = (name: string, help: string, read: (now: PodNumbers) => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read(numbers()));
        },
      });
    gauge("promline_kubernetes_pods", "Pods of this node that are known.", ({ pods }) => pods);
    gauge(
      "promline_kubernetes_targets",
      "Targets that pods ask for and get, before those with one URL are merged.",
      ({ targets }) => targets,
    );
    gauge("promline_kubernetes_synced", "1 once the pods were listed.", ({ synced }) =>
      synced ? 1 : 0,
    );
    gauge(
      "promline_kubernetes_silence_seconds",
      "Since the API server was heard last; -1: never. Bookmarks come about once a minute.",
      ({ silentMs }) => (silentMs === undefined ? -1 : silentMs / 1000),
    );
    const counter = (name: string, help: string, read: (now: PodNumbers) => number) =>
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read(numbers()));
        },
      });
    counter("promline_kubernetes_lists_total", "Lists of pods that came whole.", (n) => n.lists);
    counter("promline_kubernetes_watches_total", "Watches of pods begun.", (n) => n.watches);
    counter("promline_kubernetes_events_total", "Events of watches read.", (n) => n.events);
    new Counter({
      name: "promline_kubernetes_faults_total",
      help: "Requests to the API server that failed, by reason.",
      labelNames: ["reason"],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of Object.entries(numbers().faults)) {
          this.inc({ reason }, count);
        }
      },
    });
  }

  recordRefusal(rule: string): void {
    this.#refusals.inc({ rule });
  }
}
