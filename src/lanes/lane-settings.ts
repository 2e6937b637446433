import { MIB, SECOND } from "../units.ts";

export interface LaneSettings {
  /** Threads that scrape, at the start. */
  readonly lanes: number;
  /** MiB of old JavaScript heap of one lane; above it the lane dies and is replaced. */
  readonly memoryMb: number;
  /** MiB of young JavaScript heap of one lane. */
  readonly youngMemoryMb: number;
  /** Bytes for series seen before, all lanes together; 0: none are remembered. */
  readonly replayBytes: number;
  /** Bytes of payloads on their way from one lane to the main thread; beyond it the lane's scrapes pause. */
  readonly creditBytes: number;
  /** Milliseconds of a beat, in which a lane gives a sign of life; after one without it is asked for one. */
  readonly beatMs: number;
  /** Beats in a row a lane may be silent before it is taken for stuck and replaced. */
  readonly silentBeats: number;
  /** Milliseconds a lane has to close by itself. */
  readonly closeMs: number;
}

export const laneDefaults: LaneSettings = {
  lanes: 1,
  memoryMb: 256,
  youngMemoryMb: 6,
  replayBytes: 64 * MIB,
  creditBytes: 4 * MIB,
  beatMs: 5 * SECOND,
  silentBeats: 6,
  closeMs: 2 * SECOND,
};
