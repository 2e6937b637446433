import { BUILD_KIND, type BuildKind } from "../build-kind.ts";
import { VERSION } from "../version.ts";
import { loadWasm, type WasmFile } from "../wasm-file.ts";

/** What runs here. */
export interface BuildReport {
  readonly version: string;
  readonly node: string;
  /** `linux x64` */
  readonly platform: string;
  readonly kind: BuildKind;
  /** The parts in WebAssembly. */
  readonly kernel: BuildPart;
  readonly deflate: BuildPart;
  readonly inflate: BuildPart;
}

type BuildPart = { readonly kind: "ready" } | Extract<WasmFile, { kind: "missing" }>;

export function readBuild(): BuildReport {
  const { versions, platform, arch } = process;
  return {
    version: VERSION,
    node: versions.node,
    platform: `${platform} ${arch}`,
    kind: BUILD_KIND,
    kernel: partOf(loadWasm("replay-kernel")),
    deflate: partOf(loadWasm("deflate")),
    inflate: partOf(loadWasm("inflate")),
  };
}

/**
 * Why this build must not run, for people; undefined where it may. What is shipped was measured with its parts: without them
 * nobody would notice for weeks that scrapes cost several times as much. A checkout goes on without them, and so does a
 * machine that cannot run them.
 */
export function buildFault({ kind, kernel, deflate, inflate }: BuildReport): string | undefined {
  const broken = [kernel, deflate, inflate].flatMap((part) =>
    part.kind === "missing" && part.fault !== "no_simd" ? [part.reason] : [],
  );
  return kind === "source" || broken.length === 0
    ? undefined
    : `this installation is incomplete: ${broken.join(", ")}; install promline again`;
}

function partOf(file: WasmFile): BuildPart {
  return file.kind === "ready" ? { kind: "ready" } : file;
}
