import { resolve } from "node:path";
import { CHECKOUT_PROGRAM, PROMLINE_PROGRAM } from "./contenders/promline-program.ts";

/** Programs that the command line names: they win over the environment. */
export interface Programs {
  readonly program: string | undefined;
  readonly vmagent: string | undefined;
  readonly prometheus: string | undefined;
}

/** Settings from outside: where the binaries are, and what a missing one means. */
export interface BenchEnvironment {
  /** The agent's launcher. */
  readonly program: string;
  /** It is that of this checkout, whose commit is its version. */
  readonly isCheckout: boolean;
  readonly vmagent: string;
  readonly prometheus: string;
  readonly compiler: string;
  /** More settings of the agent: its `promline.toml`. */
  readonly promlineConfig: string | undefined;
  /** A contender that cannot run is a failure, not a skip. */
  readonly requireAll: boolean;
  /** What a measured process gets from ours. */
  readonly path: string;
}

export function readBenchEnvironment(programs?: Programs): BenchEnvironment {
  const { env } = process;
  const program = resolve(programs?.program ?? PROMLINE_PROGRAM);
  return {
    program,
    isCheckout: program === CHECKOUT_PROGRAM,
    vmagent: executable(programs?.vmagent ?? env["PROMLINE_BENCH_VMAGENT"] ?? "vmagent"),
    prometheus: executable(
      programs?.prometheus ?? env["PROMLINE_BENCH_PROMETHEUS"] ?? "prometheus",
    ),
    compiler: env["PROMLINE_BENCH_CC"] ?? "gcc",
    promlineConfig: env["PROMLINE_BENCH_CONFIG"],
    requireAll: env["PROMLINE_REQUIRE_SERVICES"] === "1",
    path: env["PATH"] ?? "/usr/bin:/bin",
  };
}

/** A path holds wherever the program is started; a bare name is looked for in PATH. */
function executable(name: string): string {
  return name.includes("/") ? resolve(name) : name;
}
