import type { AddressPrefix } from "../workload/target-address.ts";

/** A command that the program to be started is put behind; empty: it starts as it is. */
export type Launcher = readonly string[];

/** Where one run's processes find each other. */
export interface Network {
  /** Of the targets' addresses. */
  readonly prefix: AddressPrefix;
  /** Where the sink listens. */
  readonly sinkHost: string;
  /** Starts a program where the targets and the sink are. */
  readonly pods: Launcher;
  /** Starts a program where the contender is. */
  readonly agent: Launcher;
  /** A port of 127.0.0.1, as the contender sees it, that nobody uses. */
  adminPort(): Promise<number>;
  stop(): void;
}

/** How each run gets its network. */
export interface NetworkKind {
  /** For the report: what it is and, where it is second best, why. */
  readonly title: string;
  open(): Promise<Network>;
}
