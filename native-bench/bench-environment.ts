/** Settings from outside: where the binaries are, and what a missing one means. */
export interface BenchEnvironment {
  readonly vmagent: string;
  readonly prometheus: string;
  readonly compiler: string;
  /** The program of `npm run memory`, where it is not this checkout's. */
  readonly promline: string | undefined;
  /** More settings of the agent: its `promline.toml`. */
  readonly promlineConfig: string | undefined;
  /** A contender that cannot run is a failure, not a skip. */
  readonly requireAll: boolean;
  /** What a measured process gets from ours. */
  readonly path: string;
}

export function readBenchEnvironment(): BenchEnvironment {
  const { env } = process;
  return {
    vmagent: env["PROMLINE_BENCH_VMAGENT"] ?? "vmagent",
    prometheus: env["PROMLINE_BENCH_PROMETHEUS"] ?? "prometheus",
    compiler: env["PROMLINE_BENCH_CC"] ?? "gcc",
    promline: env["PROMLINE_PROGRAM"],
    promlineConfig: env["PROMLINE_BENCH_CONFIG"],
    requireAll: env["PROMLINE_REQUIRE_SERVICES"] === "1",
    path: env["PATH"] ?? "/usr/bin:/bin",
  };
}
