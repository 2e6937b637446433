import type { LaneLoad } from "../../lanes/lane-pool.ts";

/** What was measured over one beat. */
export interface Beat {
  readonly loads: readonly LaneLoad[];
  /** Processors the whole process has used: CPU time by time passed. */
  readonly processorsUsed: number;
}

/** Beats that are looked at for a lane more, and for one fewer: a busy lane loses scrapes soon, an idle one costs memory only. */
const BEATS_TO_GROW = 3;
const BEATS_TO_SHRINK = 60;
/** After the start and after each change pages are learned anew, which is no measure of what they need later. */
const BEATS_TO_SETTLE = 6;
/** A lane busier than this is late for scrapes that come together. */
const BUSY = 0.65;
/** What a lane fewer may leave each of the others with. */
const BUSY_AFTER = 0.4;
/** With less than this of a processor left in the quota another thread only shares what there is. */
const PROCESSORS_LEFT = 0.25;

/** How many lanes there should be, from what they had to do. Pure but for what it remembers of the last beats. */
export class LaneDemand {
  readonly #least: number;
  readonly #most: number;
  readonly #processors: number;
  #settling = BEATS_TO_SETTLE;
  #busyBeats = 0;
  #idleBeats = 0;

  constructor(bounds: { readonly least: number; readonly most: number }, processors: number) {
    this.#least = bounds.least;
    this.#most = bounds.most;
    this.#processors = processors;
  }

  /** At most one more or one fewer than there are now. */
  after({ loads, processorsUsed }: Beat): number {
    const size = loads.length;
    if (this.#settling > 0) {
      this.#settling--;
      return size;
    }
    // A lane with one target cannot give any away.
    const isShort = loads.some(({ busy, targets }) => busy > BUSY && targets > 1);
    const isAllowed = processorsUsed < this.#processors - PROCESSORS_LEFT;
    this.#busyBeats = isShort && isAllowed ? this.#busyBeats + 1 : 0;
    const total = loads.reduce((sum, { busy }) => sum + busy, 0);
    this.#idleBeats = total <= (size - 1) * BUSY_AFTER ? this.#idleBeats + 1 : 0;
    if (this.#busyBeats >= BEATS_TO_GROW && size < this.#most) return this.#changed(size + 1);
    if (this.#idleBeats >= BEATS_TO_SHRINK && size > this.#least) return this.#changed(size - 1);
    return size;
  }

  #changed(size: number): number {
    this.#settling = BEATS_TO_SETTLE;
    this.#busyBeats = 0;
    this.#idleBeats = 0;
    return size;
  }
}
