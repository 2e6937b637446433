import type { LocatedInput, PromInput } from "../../src/config/input/prom-input.ts";
import { DECLARED_RULES } from "./rules-config.ts";

/** A valid input as the loader makes it, with the defaults that matter here. */
export function promInput(changes: Partial<PromInput> = {}): PromInput {
  return {
    urls: ["http://10.0.0.5:9100/metrics"],
    source: "prom",
    intervalMs: 30_000,
    timeoutMs: 30_000,
    encoding: "auto",
    limits: {
      connectTimeoutMs: 10_000,
      connectionAgeMs: 300_000,
      idleTimeoutMs: 30_000,
      headerBytes: 65_536,
      bodyBytes: 1_073_741_824,
      decompressionRatio: 500,
      lineBytes: 1_048_576,
      labelsPerLine: 256,
      samples: 10_000_000,
    },
    ignoreReqErr: false,
    rules: DECLARED_RULES,
    tags: {},
    disableHostTag: false,
    disableInstanceTag: false,
    election: true,
    httpHeaders: {},
    maxFileSize: 33_554_432,
    ...changes,
  };
}

export function located(changes: Partial<PromInput> = {}, file = "a.conf", line = 1): LocatedInput {
  return { input: promInput(changes), file, position: { line, column: 1 } };
}
