import type { Clock } from "../clock.ts";
import type { ConfigIssue } from "../config/language/config-issue.ts";
import type { AgentSettings } from "../config/settings/agent-settings.ts";
import type { ClockSync } from "../delivery/clock/clock-sync.ts";
import { Delivery } from "../delivery/delivery.ts";
import { ConfdWatcher } from "../discovery/confd-watcher.ts";
import type { LoadedConf } from "../discovery/last-good-inputs.ts";
import { NodeAddresses } from "../discovery/node-addresses.ts";
import { type DesiredTarget, staticTargets } from "../discovery/static-targets.ts";
import { type LanePool, threadPool } from "../lanes/lane-pool.ts";
import { laneDefaults } from "../lanes/lane-settings.ts";
import type { LineOutput } from "../line-output.ts";
import { AdminServer } from "../telemetry/admin/admin-server.ts";
import { TargetsView } from "../telemetry/admin/targets-view.ts";
import { createLog, type Log } from "../telemetry/log/log.ts";
import { summaryLine } from "../telemetry/log/summary-line.ts";
import { ThrottledLog } from "../telemetry/log/throttled-log.ts";
import { AgentMetrics } from "../telemetry/metrics/metrics.ts";
import { MIB, SECOND } from "../units.ts";
import { buildFault, readBuild } from "./build-report.ts";
import { ClockReporter } from "./clock-reporter.ts";
import { relabelPage } from "./commands/relabel-page.ts";
import { planBytes, planFields, planHere } from "./container/agent-plan.ts";
import { LaneKeeper } from "./container/lane-keeper.ts";
import type { MemoryPlan } from "./container/memory-plan.ts";
import { clockSyncOf } from "./dataway-clock-sync.ts";
import { deliverySettingsOf } from "./delivery-plan.ts";
import { DeliveryReporter } from "./delivery-reporter.ts";
import { PodSource } from "./pod-source.ts";
import { admissionDefaults } from "./schedule/admission.ts";
import { phaseOf, tickAfter } from "./schedule/phase.ts";
import { Scheduler } from "./schedule/scheduler.ts";
import { ScrapeReporter } from "./scrape-reporter.ts";
import { ShiftedClock } from "./shifted-clock.ts";
import { PodRelabel } from "./targets/pod-relabel.ts";
import { type DroppedTarget, relabelTargets } from "./targets/target-relabel.ts";
import { TargetSources } from "./targets/target-sources.ts";

/** From the order to stop until nothing runs any more: a terminal and the kubelet wait for it. */
const STOP_MS = 4.5 * SECOND;
/** Of that, what scrapes under way may take to finish. */
const SCRAPE_GRACE_MS = SECOND;
const LEAST_DELIVERY_MS = SECOND;
/** What a healthy destination takes for a flush, amply. */
const SETTLE_MS = SECOND / 2;

export interface AgentContext {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  /** Loads conf.d; asked at the start and whenever its content changed. */
  readonly loadConf: () => Promise<LoadedConf>;
  /** The settings as they are now, where files that hold tokens may have changed. Default: those above. */
  readonly loadSettings?: () => Promise<AgentSettings>;
  /** Where the log goes. */
  readonly output: LineOutput;
  /** The log is read by a person: it is made for them, and each flush says a line. Absent: JSON. */
  readonly terminal?: { readonly color: boolean };
}

/** The running agent: drop-ins to targets to scrapes to payloads to destinations, and what is told of it. */
export class Agent {
  readonly #context: AgentContext;
  readonly #log: Log;
  readonly #throttled: ThrottledLog;
  readonly #view = new TargetsView();
  readonly #metrics: AgentMetrics;
  readonly #plan: MemoryPlan;
  readonly #lanes: LanePool;
  readonly #keeper: LaneKeeper;
  readonly #delivery: Delivery;
  readonly #reporter: DeliveryReporter;
  /** The clock that scrapes go by. */
  readonly #times: ShiftedClock;
  readonly #clockSync: ClockSync | undefined;
  readonly #scheduler: Scheduler;
  readonly #watcher: ConfdWatcher;
  readonly #admin: AdminServer;
  readonly #aborted = new AbortController();
  /** Nothing is configured but the file: somebody tries it out and wants to see something. */
  readonly #embedded: boolean;
  readonly #node: NodeAddresses;
  readonly #sources: TargetSources;
  readonly #podRelabel: PodRelabel;
  readonly #pods: PodSource | undefined;
  readonly #build = readBuild();
  /** Targets of conf.d before their rules. */
  #found: readonly DesiredTarget[] = [];
  #dropped: readonly DroppedTarget[] = [];
  #loads = 0;
  #saying: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #ready = false;

  /** Throws if a destination's URL is invalid, which settings without errors rule out. */
  constructor(context: AgentContext) {
    const { settings, clock, output, terminal } = context;
    const form = terminal === undefined ? "json" : "terminal";
    const color = terminal?.color ?? false;
    const log = createLog({ level: settings.log.level, form, color }, output);
    output.whenResumed((lines) =>
      log.warn({ lines }, "lines are missing here: nobody read the log"),
    );
    this.#context = context;
    this.#log = log;
    this.#embedded = settings.destinations.every(({ kind }) => kind === "file");
    this.#throttled = new ThrottledLog(log, clock);
    this.#metrics = new AgentMetrics(() => this.#view.health());
    this.#metrics.watchLog(() => output.dropped);
    this.#reporter = new DeliveryReporter(this.#metrics, log, () => this.#flushed());
    this.#plan = planHere(settings);
    const deliverySettings = deliverySettingsOf(settings, this.#plan.deliveryBytes.value);
    const renewed = async (name: string) =>
      deliverySettingsOf(
        (await context.loadSettings?.()) ?? settings,
        deliverySettings.memoryBytes,
      ).destinations.find((destination) => destination.name === name);
    const lines = () => this.#metrics.lines();
    const observer = this.#reporter;
    this.#delivery = new Delivery(deliverySettings, { clock, observer, renewed, lines });
    this.#times = new ShiftedClock(clock);
    const clockReporter = new ClockReporter(this.#times, this.#metrics.clock, log);
    this.#clockSync = clockSyncOf(settings, deliverySettings, clock, clockReporter, renewed);
    this.#metrics.showParts(this.#parts());
    this.#metrics.delivery.watch(() => this.#ledgers());
    this.#metrics.queue.watch(() => this.#diskQueue());
    this.#metrics.previous.watch(() => this.#delivery.past());
    this.#lanes = threadPool(
      {
        ...laneDefaults,
        lanes: this.#plan.lanes.least,
        memoryMb: Math.floor(this.#plan.laneHeapBytes / MIB),
        replayBytes: this.#plan.replayBytes.value,
      },
      (_key, payload) => void this.#delivery.offer(payload),
      (lane, reason, inMs) => {
        this.#metrics.recordLaneReplacement();
        log.error({ lane, reason, inMs }, "lane died and is replaced");
      },
      clock,
    );
    this.#keeper = this.#laneKeeper();
    const admission = {
      ...admissionDefaults,
      budgetBytes: settings.lanes.bytesInFlight,
      slotsPerLane: settings.lanes.scrapesInFlight,
    };
    this.#node = new NodeAddresses({ clock, changed: () => this.#applyTargets() });
    const onNode = (hostname: string) => this.#node.has(hostname);
    this.#sources = new TargetSources(settings, onNode, () => this.#applyTargets());
    this.#podRelabel = new PodRelabel(settings);
    this.#pods = settings.kubernetes.enabled ? this.#podSource() : undefined;
    const reporter = new ScrapeReporter(
      this.#metrics,
      this.#view,
      this.#throttled,
      (key) => this.#sources.namesOf(key),
      (key, report) => this.#pods?.record(key, report),
    );
    this.#scheduler = new Scheduler(this.#lanes, admission, reporter, this.#times);
    this.#watcher = new ConfdWatcher({
      directory: settings.confDir,
      intervalMs: settings.reloadIntervalMs,
      clock,
      load: context.loadConf,
      changed: ({ inputs, issues, kept }) => this.#applyConf(inputs, issues, kept),
      trouble: ({ reason, detail }) => {
        this.#metrics.recordConfReload("failed");
        const fields = { reason, detail, directory: settings.confDir };
        this.#throttled.say("error", `conf ${reason}`, "conf.d cannot be loaded", fields);
      },
    });
    this.#admin = new AdminServer({
      listen: settings.httpListen,
      source: {
        metrics: () => this.#metrics.page(),
        targets: () => this.#targetsPage(),
        relabel: (query) => this.#relabelPage(query),
        notReady: () => (this.#ready ? this.#pods?.notReady() : "conf.d is not loaded yet"),
      },
      ...(settings.httpToken && { token: settings.httpToken }),
      clock,
      trouble: (error) => this.#throttled.say("warn", "admin", "admin server", { err: error }),
    });
  }

  /** Undefined when it runs; else, for people, why it cannot. */
  async start(): Promise<string | undefined> {
    const { signal } = this.#aborted;
    const { settings } = this.#context;
    const fault = buildFault(this.#build);
    if (fault !== undefined) {
      await this.#lanes.stop();
      return fault;
    }
    const { kernel } = this.#build;
    this.#log.info(planFields(this.#plan), "memory plan");
    for (const problem of this.#plan.warnings) this.#log.warn({ problem }, "memory plan");
    if (this.#plan.replayBytes.value > 0 && kernel.kind === "missing") {
      this.#log.warn({ reason: kernel.reason }, "series are not remembered: scrapes cost more");
    }
    const admin = await this.#admin.start(signal);
    if (admin.kind === "failed") {
      await this.#lanes.stop();
      return admin.detail;
    }
    this.#delivery.start(signal);
    this.#clockSync?.start();
    this.#node.start();
    await this.#watcher.start(signal);
    await this.#pods?.start(signal);
    this.#scheduler.start();
    this.#keeping = this.#keeper.run(signal);
    this.#ready = true;
    this.#log.info(
      {
        listen: `${admin.host}:${admin.port}`,
        targets: this.#sources.size,
        pods: this.#pods?.page().kubernetes.node,
        confDir: settings.confDir,
        destinations: this.#delivery.status().destinations.map(({ address }) => address),
        lanes: this.#lanes.size,
      },
      "promline runs",
    );
    return undefined;
  }

  /** Loads conf.d again although it did not change. */
  reload(): void {
    this.#watcher.reload();
  }

  /** Ends waiting: what is under way is aborted, what is not sent is put on disk or counted as lost. Files are still written. */
  hurry(): void {
    this.#aborted.abort();
  }

  /** Stops scraping, then sends what is left. Resolves when nothing of the agent runs any more, to the points that were lost. */
  async stop(): Promise<number> {
    const { clock } = this.#context;
    const endMs = clock.monotonic() + STOP_MS;
    this.#ready = false;
    await this.#clockSync?.stop();
    await this.#node.stop();
    await this.#watcher.stop();
    await this.#pods?.stop();
    await this.#scheduler.stop(this.#aborted.signal.aborted ? 0 : SCRAPE_GRACE_MS);
    await this.#lanes.stop();
    const leftMs = Math.max(LEAST_DELIVERY_MS, endMs - clock.monotonic());
    const { unsent, kept } = await this.#delivery.stop(this.#aborted.signal.aborted ? 0 : leftMs);
    const hurried = this.#aborted.signal.aborted;
    this.#aborted.abort();
    await this.#keeping;
    await this.#saying;
    this.#saySummary();
    for (const { destination, tally } of kept) {
      this.#log.info({ destination, ...tally }, "points wait on disk for the next start");
    }
    const late = hurried ? "a second signal ended the wait" : "there was no time left";
    for (const { destination, tally, why = late } of unsent) {
      this.#log.error({ destination, ...tally, why }, "points are lost by the stop");
    }
    await this.#admin.stop();
    this.#log.info("promline stopped");
    return unsent.reduce((points, { tally }) => points + tally.points, 0);
  }

  #applyConf(
    inputs: LoadedConf["inputs"],
    confIssues: readonly ConfigIssue[],
    kept: readonly string[],
  ): void {
    const log = this.#log;
    const found = staticTargets(inputs);
    const { targets, dropped, issues } = relabelTargets(found.targets, this.#context.settings);
    this.#found = found.targets;
    this.#dropped = dropped;
    this.#sources.setDeclared(targets);
    for (const issue of [...confIssues, ...found.issues, ...issues]) {
      const { severity, file, position, key, message } = issue;
      log[severity === "error" ? "error" : "warn"](
        { file, ...position, key, issue: message },
        "configuration",
      );
    }
    if (this.#loads > 0) {
      this.#metrics.recordConfReload(kept.length === 0 ? "ok" : "kept");
      log.info({ targets: targets.length, kept }, "conf.d reloaded");
    }
    this.#loads++;
  }

  #applyTargets(): void {
    this.#describeTargets();
    this.#scheduler.set(this.#sources.scheduled());
  }

  #describeTargets(): void {
    const descriptions = this.#sources.descriptions((key) => this.#lanes.laneOf(key));
    this.#view.setTargets(descriptions, [...this.#dropped, ...this.#podRelabel.dropped]);
  }

  #laneKeeper(): LaneKeeper {
    const plan = this.#plan;
    const metrics = this.#metrics.watchPlan(() => ({
      lanes: this.#lanes.size,
      lanesAtMost: plan.lanes.most,
      bytes: planBytes(plan),
    }));
    return new LaneKeeper(this.#lanes, plan, this.#context.clock, (lanes, before) => {
      metrics.recordChange(lanes > before ? "more" : "fewer");
      this.#log.info({ lanes, before, atMost: plan.lanes.most }, "number of lanes changed");
      this.#describeTargets();
    });
  }

  #podSource(): PodSource {
    const { settings, clock } = this.#context;
    return new PodSource(
      settings.kubernetes,
      this.#podRelabel,
      clock,
      this.#throttled,
      this.#metrics,
      {
        located: (addresses) => this.#node.setPods(addresses),
        changed: (targets) => this.#sources.setPods(targets),
      },
    );
  }

  #targetsPage() {
    const now = this.#times.now();
    for (const { key, intervalMs } of this.#sources.intervals()) {
      this.#view.setNextTick(key, tickAfter(now, phaseOf(key, intervalMs), intervalMs));
    }
    const { version, node, kind } = this.#build;
    const build = { version, node, kind, ...this.#parts() };
    const plan = { ...planFields(this.#plan), lanes: this.#lanes.size };
    return this.#view.page({ build, plan, ...this.#pods?.page() });
  }

  #parts() {
    const { kernel, deflate, inflate } = this.#build;
    const replay = this.#plan.replayBytes.value > 0 && kernel.kind === "ready";
    return {
      replay,
      deflate: deflate.kind === "ready",
      inflate: inflate.kind === "ready",
    };
  }

  #relabelPage(query: URLSearchParams) {
    const found = [...this.#found, ...this.#podRelabel.found()];
    const content = relabelPage(found, this.#context.settings, query);
    return { status: content.status === "success" ? 200 : 400, content } as const;
  }

  #diskQueue() {
    const { queue } = this.#delivery.status();
    return queue && { ...queue, writes: queue.trouble === undefined };
  }

  #ledgers() {
    return this.#delivery.status().destinations.flatMap(({ name: destination, ledger, aside }) =>
      (["metric", "logging"] as const).map((category) => ({
        destination,
        category,
        ...ledger[category],
        aside: aside[category],
      })),
    );
  }

  /** What was flushed just now is on its way: the summary waits for it, but not for long. */
  #flushed(): void {
    const { signal } = this.#aborted;
    this.#saying = this.#context.clock.sleep(SETTLE_MS, signal).then(() => {
      if (!signal.aborted) {
        this.#saySummary();
      }
    });
  }

  #saySummary(): void {
    const { output, terminal } = this.#context;
    const queues = this.#delivery.status().destinations.map(({ name, address, ledger }) => ({
      name,
      address,
      queuedPoints: ledger.metric.queued.points + ledger.logging.queued.points,
    }));
    const summaries = this.#reporter.takeSummaries(queues);
    if (terminal === undefined) {
      const level = this.#embedded ? "info" : "debug";
      this.#log[level]({ targets: this.#view.health(), destinations: summaries }, "flushed");
    } else {
      output.write(summaryLine(this.#view.health(), summaries));
    }
  }
}
