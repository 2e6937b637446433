import type { Clock } from "../clock.ts";
import { ConfFingerprint } from "./conf-fingerprint.ts";
import { type AcceptedConf, LastGoodInputs, type LoadedConf } from "./last-good-inputs.ts";

/** Why conf.d could not be looked at or loaded; what ran before runs on. */
interface WatchTrouble {
  readonly reason: "directory_unreadable" | "load_failed";
  readonly detail: string;
}

export interface ConfdWatcherOptions {
  readonly directory: string;
  /** Milliseconds between two looks. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly load: () => Promise<LoadedConf>;
  /** Called with everything that shall run: at the start, then whenever the content changed. */
  readonly changed: (conf: AcceptedConf) => void;
  /** Called each time it fails; saying it at most once a minute is the caller's. */
  readonly trouble: (trouble: WatchTrouble) => void;
}

/**
 * Looks at conf.d every few seconds. Polling, because what a ConfigMap changes is a symbolic link outside the file, and
 * notifications miss that, network file systems and bind mounts.
 */
export class ConfdWatcher {
  readonly #options: ConfdWatcherOptions;
  readonly #fingerprint: ConfFingerprint;
  readonly #lastGood = new LastGoodInputs();
  #seen: string | undefined;
  #loop: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #forced = false;
  #stopped = false;

  constructor(options: ConfdWatcherOptions) {
    this.#options = options;
    this.#fingerprint = new ConfFingerprint(options.directory);
  }

  /** Resolves after the first load; watching goes on until `signal` aborts or `stop()`. */
  async start(signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      return;
    }
    signal.addEventListener("abort", () => this.#end(), { once: true });
    await this.#look();
    this.#loop = this.#watch();
  }

  /** Loads now and calls back, changed or not (SIGHUP): an environment or a secret file may have changed. */
  reload(): void {
    this.#forced = true;
    this.#wake.abort();
  }

  /** Resolves when no call back can come any more. */
  async stop(): Promise<void> {
    this.#end();
    await this.#loop;
  }

  #end(): void {
    this.#stopped = true;
    this.#wake.abort();
  }

  async #watch(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    while (!this.#stopped) {
      if (!this.#forced) {
        this.#wake = new AbortController();
        await clock.sleep(intervalMs, this.#wake.signal);
      }
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const forced = this.#forced;
    this.#forced = false;
    const fingerprint = await this.#currentFingerprint();
    if (this.#stopped || fingerprint === undefined || (fingerprint === this.#seen && !forced)) {
      return;
    }
    const loaded = await this.#load();
    if (this.#stopped || loaded === undefined) {
      return;
    }
    // Only now: a load that failed is tried again at the next look.
    this.#seen = fingerprint;
    this.#options.changed(this.#lastGood.accept(loaded));
  }

  async #load(): Promise<LoadedConf | undefined> {
    try {
      return await this.#options.load();
    } catch (error) {
      this.#options.trouble({ reason: "load_failed", detail: String(error) });
      return undefined;
    }
  }

  async #currentFingerprint(): Promise<string | undefined> {
    try {
      return await this.#fingerprint.current();
    } catch (error) {
      this.#options.trouble({ reason: "directory_unreadable", detail: String(error) });
      return undefined;
    }
  }
}
