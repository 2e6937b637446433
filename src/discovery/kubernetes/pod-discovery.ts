import type { Clock } from "../../clock.ts";
import type { KubernetesSettings } from "../../config/settings/kubernetes-settings.ts";
import {
  type ApiAccess,
  apiServerAddresses,
  inClusterAccess,
  type NoAccess,
} from "./api/api-access.ts";
import { apiBackOff } from "./api/api-back-off.ts";
import { type ApiFault, apiFault } from "./api/api-fault.ts";
import { kubeconfigAccess } from "./api/kubeconfig.ts";
import type { PodRules } from "./claims/pod-rules.ts";
import { type PodTarget, PodTargetReader, podSelection } from "./claims/pod-targets.ts";
import type { Refusal } from "./claims/refusal.ts";
import { RefusalEvents } from "./claims/refusal-events.ts";
import { type Usage, UsageLimits } from "./claims/usage-limits.ts";
import type { PodPolicy } from "./pod-policy.ts";
import { podsNotReady } from "./pod-readiness.ts";
import type { PodRecord } from "./pods/pod-record.ts";
import { PodWatcher, type WatchStatus } from "./pods/pod-watcher.ts";

export interface PodDiscoveryOptions {
  readonly settings: KubernetesSettings;
  readonly clock: Clock;
  readonly rules: PodRules;
  /** Addresses of the node and of its pods, before `changed` is called for the same reason. */
  readonly located?: (addresses: readonly string[]) => void;
  /** All targets of pods, after each change of them. */
  readonly changed: (targets: readonly PodTarget[]) => void;
  /** Each refusal when it appears. */
  readonly refused: (refusal: Refusal) => void;
  /** Each failed request; saying it at most once a minute is the caller's. */
  readonly trouble: (fault: ApiFault | NoAccess) => void;
}

/** What is known of the pods of this node, for pages and metrics. */
export interface PodDiscoveryStatus extends WatchStatus {
  readonly node: string;
  readonly refusals: readonly Refusal[];
}

/** Pods of this node to targets: watches, reads annotations, holds limits, tells of refusals. */
export class PodDiscovery {
  readonly #options: PodDiscoveryOptions;
  readonly #limits: UsageLimits;
  readonly #stopping = new AbortController();
  #watcher: PodWatcher | undefined;
  #reading: { readonly reader: PodTargetReader; readonly policy: PodPolicy } | undefined;
  #events: RefusalEvents | undefined;
  #pods: readonly PodRecord[] = [];
  #refusals: ReadonlyMap<string, Refusal> = new Map();
  #pauses: Promise<void> = Promise.resolve();
  #pauseChanged = new AbortController();
  #seeking: Promise<void> = Promise.resolve();
  #noAccess: NoAccess | undefined;

  constructor(options: PodDiscoveryOptions) {
    this.#options = options;
    this.#limits = new UsageLimits(options.settings.policy.limits, options.clock);
  }

  /** Begins to watch; resolves at once, the pods come when they come. */
  async start(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#stopping.abort(), { once: true });
    const access = await this.#access();
    if (access === undefined) {
      this.#seeking = this.#seekAccess();
    } else {
      this.#watch(access);
    }
  }

  /** A target was scraped; of one that is no pod's nothing is kept. */
  recordUsage(key: string, usage: Usage): void {
    if (this.#limits.record(key, usage)) {
      this.#refresh();
      this.#pauseChanged.abort();
    }
  }

  /** Resolves when no call back can come any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pauseChanged.abort();
    await this.#seeking;
    await this.#watcher?.stop();
    await this.#events?.stop();
    await this.#pauses;
  }

  status(): PodDiscoveryStatus {
    const { nodeName = "" } = this.#options.settings;
    const watch = this.#watcher?.status() ?? NOT_WATCHING;
    return { ...watch, node: nodeName, refusals: [...this.#refusals.values()] };
  }

  /** Why the pods are not known yet, for people; undefined once they are. */
  notReady(): string | undefined {
    const { node, ...status } = this.status();
    return podsNotReady(node, status, this.#noAccess);
  }

  /** Undefined: there is none now, and why has been said. */
  async #access(): Promise<ApiAccess | undefined> {
    const { settings, trouble } = this.#options;
    const access =
      settings.kubeconfig === undefined
        ? inClusterAccess(settings.service)
        : await kubeconfigAccess(settings.kubeconfig);
    const none = "kind" in access;
    this.#noAccess = none ? access : undefined;
    if (none) {
      trouble(access);
    }
    return none ? undefined : access;
  }

  /** A kubeconfig may be written later than the agent starts. */
  async #seekAccess(): Promise<void> {
    const { signal } = this.#stopping;
    const { clock } = this.#options;
    for (let failures = 1; !signal.aborted; failures++) {
      await clock.sleep(apiBackOff(failures, NO_ACCESS, Math.random()), signal);
      const access = signal.aborted ? undefined : await this.#access();
      if (access !== undefined && !signal.aborted) {
        this.#watch(access);
        return;
      }
    }
  }

  #watch(access: ApiAccess): void {
    const { settings, clock, rules } = this.#options;
    const policy = { ...settings.policy, apiServers: apiServerAddresses(access, settings.service) };
    this.#reading = { reader: new PodTargetReader(policy), policy };
    this.#events = settings.events ? this.#startEvents(access) : undefined;
    this.#watcher = new PodWatcher({
      access,
      node: settings.nodeName ?? "",
      selection: podSelection(policy, rules.isRead),
      clock,
      changed: (pods) => {
        this.#pods = [...pods.values()];
        this.#options.located?.(this.#pods.flatMap(addressesOf));
        this.#refresh();
      },
      trouble: (fault) => this.#options.trouble(fault),
    });
    this.#watcher.start(this.#stopping.signal);
    this.#pauses = this.#watchPauses();
  }

  #startEvents(access: ApiAccess): RefusalEvents {
    const { clock, trouble } = this.#options;
    const events = new RefusalEvents({ access, clock, trouble });
    events.start();
    return events;
  }

  #refresh(): void {
    if (this.#reading === undefined || this.#stopping.signal.aborted) {
      return;
    }
    const { reader, policy } = this.#reading;
    const read = reader.read(this.#pods);
    const ruled = this.#options.rules.apply(read.targets, policy);
    const limited = this.#limits.apply(ruled.targets);
    const refusals = new Map<string, Refusal>();
    for (const refusal of [...read.refusals, ...ruled.refusals, ...limited.refusals]) {
      refusals.set(keyOf(refusal), refusal);
    }
    const before = this.#refusals;
    this.#refusals = refusals;
    this.#options.changed(limited.targets);
    for (const [key, refusal] of refusals) {
      if (!before.has(key)) {
        this.#options.refused(refusal);
        this.#events?.tell(refusal);
      }
    }
  }

  /** Lets targets go on whose pause is over. */
  async #watchPauses(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#pauseChanged = new AbortController();
      const waitMs = this.#limits.nextEndMs();
      await this.#options.clock.sleep(Math.max(1, waitMs ?? LONG_MS), this.#pauseChanged.signal);
      if (!signal.aborted && (this.#limits.nextEndMs() ?? 1) <= 0) {
        this.#refresh();
      }
    }
  }
}

/** What has finished does not answer, and its address may be another pod's by now. */
function addressesOf({ phase, ips, hostIps }: PodRecord): readonly string[] {
  return phase === "Succeeded" || phase === "Failed" ? hostIps : [...hostIps, ...ips];
}

const LONG_MS = 3_600_000;
/** How long to wait for a kubeconfig: as for a server that cannot be reached. */
const NO_ACCESS = apiFault("unreachable", "");

const NOT_WATCHING: WatchStatus = {
  synced: false,
  connected: false,
  heardAtMs: undefined,
  pods: 0,
  lists: 0,
  watches: 0,
  events: 0,
  faults: {},
  trouble: undefined,
};

function keyOf({ uid, rule, key, line, valueClass }: Refusal): string {
  return [uid, rule, key, line ?? "", valueClass.replace(/\d+/g, "#")].join(" ");
}
