import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

/** Which parts in WebAssembly are at work. */
export interface BuildParts {
  readonly replay: boolean;
  readonly deflate: boolean;
  readonly inflate: boolean;
}

export function registerBuildMetrics(registers: Registry[], parts: BuildParts): void {
  new Gauge({
    name: "promline_replay_enabled",
    help: "1 if lines that were seen before are written from memory (replay.max_bytes), 0 if every line is read anew.",
    registers,
  }).set(Number(parts.replay));
  new Gauge({
    name: "promline_deflate_enabled",
    help: "1 if payloads are compressed by promline's own encoder, 0 if by zlib.",
    registers,
  }).set(Number(parts.deflate));
  new Gauge({
    name: "promline_inflate_enabled",
    help: "1 if gzip pages are unpacked by promline's own decoder, 0 if by zlib.",
    registers,
  }).set(Number(parts.inflate));
}
