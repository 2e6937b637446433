import type { Network } from "../network/network.ts";
import type { Workload } from "../workload/workload.ts";

export const CONTENDERS = ["promline", "vmagent", "prometheus", "roofline"] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** Where one run takes place. */
export interface Scene {
  readonly workload: Workload;
  readonly seed: number;
  readonly network: Pick<Network, "prefix" | "sinkHost" | "agent">;
  readonly targetsPort: number;
  readonly sinkPort: number;
  /** A free port for the contender's own pages. */
  readonly adminPort: number;
  /** An empty directory that is removed after the run. */
  readonly dir: string;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type Prepared =
  | { readonly kind: "command"; readonly command: Command }
  /** It cannot do this workload here. */
  | { readonly kind: "unfit"; readonly why: string };

/** Who is measured: an agent, or the roofline. */
export interface Contender {
  readonly name: ContenderName;
  readonly version: string;
  /** It delivers samples to the sink. */
  readonly delivers: boolean;
  /** Writes what it needs into the scene's directory. */
  prepare(scene: Scene): Promise<Prepared>;
  /** What it says of itself while it runs, for the report. `output`: the file of what it printed. */
  examine?(scene: Scene, output: string): Promise<string>;
}

export type Found =
  | { readonly kind: "found"; readonly contender: Contender }
  | { readonly kind: "missing"; readonly name: ContenderName; readonly why: string };
