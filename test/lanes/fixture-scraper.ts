import { once } from "node:events";
import type { PageScraper } from "../../src/lanes/lane-end.ts";
import type { Emit } from "../../src/payload.ts";
import { failedReport, okReport, urlOf } from "./targets.ts";

/**
 * Does what the target's URL says: `emit:COUNT:BYTES`, `steps:STEP,STEP`, `hang`, `stubborn` (hangs and does not hear of an
 * abort), `throw`, `exit`, `oom`, `spin`, `burn:MS`. A step is the bytes of a payload, numbered in `rawBytes`, or `turn` (of the event loop),
 * or `exit`. The report's `bodyBytes` is how many keys it keeps, `outputBytes` what it has emitted, `wireBytes` how often it was
 * made to pause in `steps`, and `durationMs` the time of the scrape.
 */
export class FixtureScraper implements PageScraper {
  readonly #kept = new Set<string>();
  closed = false;
  /** Bytes it has "touched": a share below is too little. */
  touchedBytes = 0;

  scrape: PageScraper["scrape"] = async (target, atMs, emit, signal) => {
    this.#kept.add(target.key);
    const [verb, count, bytes] = urlOf(target).split(":");
    let emitted = 0;
    let pauses = 0;
    switch (verb) {
      case "emit":
        emitted = await emitAll(Number(count), Number(bytes), emit, signal);
        break;
      case "steps":
        [emitted, pauses] = await walk(count ?? "", emit);
        break;
      case "hang":
        if (!signal.aborted) await once(signal, "abort");
        return failedReport("aborted");
      case "stubborn":
        await new Promise(() => {});
        break;
      case "throw":
        emit(payload(65_536));
        setImmediate(() => {
          throw new Error("thrown by the fixture");
        });
        await new Promise(() => {});
        break;
      case "exit":
        process.exit(3);
        break;
      case "oom":
        fillHeap();
        break;
      case "burn":
        burn(Number(count));
        break;
      case "spin":
        for (;;);
      default:
        throw new Error(`the fixture does not know ${verb}`);
    }
    return {
      ...okReport(this.#kept.size),
      wireBytes: pauses,
      outputBytes: emitted,
      durationMs: atMs,
    };
  };

  forget(key: string): void {
    this.#kept.delete(key);
  }

  limitReplay(bytes: number): boolean {
    return bytes >= this.touchedBytes;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Keeps the thread busy for so many milliseconds. */
function burn(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

function payload(bytes: number) {
  const gzip = new Uint8Array(bytes);
  return { category: "metric", gzip, rawBytes: 10 * bytes, points: 1, samples: 2 } as const;
}

async function emitAll(count: number, bytes: number, emit: Emit, signal: AbortSignal) {
  for (let i = 0; i < count; i++) {
    const sent = payload(bytes);
    sent.gzip[0] = i;
    const pause = emit(sent);
    if (pause !== undefined) await pause;
    if (signal.aborted) return i * bytes;
  }
  return count * bytes;
}

async function walk(steps: string, emit: Emit): Promise<[emitted: number, pauses: number]> {
  let [emitted, pauses, sent] = [0, 0, 0];
  for (const step of steps === "" ? [] : steps.split(",")) {
    if (step === "exit") process.exit(3);
    if (step === "turn") {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const pause = emit({ ...payload(Number(step)), rawBytes: sent++ });
    emitted += Number(step);
    if (pause === undefined) continue;
    pauses++;
    await pause;
  }
  return [emitted, pauses];
}

function fillHeap(): void {
  const held: object[] = [];
  for (;;) held.push({ held: held.length });
}
