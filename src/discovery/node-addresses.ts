import { networkInterfaces } from "node:os";
import type { Clock } from "../clock.ts";
import { SECOND } from "../units.ts";
import { canonicalAddress } from "./kubernetes/ip-address.ts";
import { isLoopback } from "./loopback.ts";

/** Interfaces come and go with pods and VPNs, seldom otherwise; reading them takes some 0.1 ms. */
const READ_EVERY_MS = 30 * SECOND;
/** A connection to one of these goes to this machine. */
const UNSPECIFIED: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export interface NodeAddressesOptions {
  readonly clock: Clock;
  /** By default those of the machine, or of the pod's network namespace. */
  readonly interfaces?: () => readonly string[];
  /** After each change. */
  readonly changed: () => void;
}

/** Addresses that are reached without leaving this node: loopback, its interfaces, its pods. */
export class NodeAddresses {
  readonly #options: NodeAddressesOptions;
  readonly #stopping = new AbortController();
  #interfaces: ReadonlySet<string>;
  #pods: ReadonlySet<string> = new Set();
  #watching: Promise<void> = Promise.resolve();

  constructor(options: NodeAddressesOptions) {
    this.#options = options;
    this.#interfaces = this.#read();
  }

  /** Reads the interfaces now and then until it is stopped. */
  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  /** Addresses of the node's pods and of the node itself, as the API server writes them. The caller acts on what changes. */
  setPods(addresses: readonly string[]): void {
    this.#pods = canonical(addresses);
  }

  /**
   * `hostname` as a parsed URL has it. Names are not looked up: but for those of `localhost` they may be anywhere, and may move.
   */
  has(hostname: string): boolean {
    if (isLoopback(hostname)) {
      return true;
    }
    const address = canonicalAddress(hostname);
    return (
      address !== undefined &&
      (UNSPECIFIED.has(address) || this.#interfaces.has(address) || this.#pods.has(address))
    );
  }

  async #watch(): Promise<void> {
    const { clock, changed } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(READ_EVERY_MS, signal);
      const before = this.#interfaces;
      this.#interfaces = this.#read();
      if (!signal.aborted && this.#interfaces.symmetricDifference(before).size > 0) {
        changed();
      }
    }
  }

  #read(): ReadonlySet<string> {
    return canonical((this.#options.interfaces ?? interfaceAddresses)());
  }
}

function interfaceAddresses(): readonly string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => address),
    );
  } catch {
    // A sandbox may forbid to ask. Then only what else is known counts.
    return [];
  }
}

function canonical(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(addresses.map(canonicalAddress).filter((address) => address !== undefined));
}
