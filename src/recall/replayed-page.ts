import type { Dialect } from "../exposition/dialect.ts";
import type { PageStop } from "../page-sink.ts";
import type { FaultExample } from "../points/fault-example.ts";
import { type LineCounts, noLines } from "../points/line-counts.ts";
import type { PageIntake } from "../points/page-intake.ts";
import {
  MAX_FAMILIES,
  type PageTransform,
  type TransformLimits,
} from "../points/page-transform.ts";
import { PayloadWriter } from "../points/payload-writer.ts";
import * as place from "../replay/kernel-memory.ts";
import { stop, word } from "../replay/kernel-memory.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";
import type { SeriesMemory, TableHolder } from "../replay/series-memory.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import { KIB } from "../units.ts";
import { HeldLine } from "./held-line.ts";
import { heldHalf, putText, putTimes, type TimeRules, takeCounts } from "./kernel-context.ts";
import { KernelOutput } from "./kernel-output.ts";
import { LedgerCounters } from "./ledger-counters.ts";
import { PagePlace } from "./page-place.ts";
import { PassedTypes } from "./passed-types.ts";
import { type Learned, ReplayLearner } from "./replay-learner.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A chunk is worked through in pieces of this size. */
const PIECE_BYTES = 64 * KIB;
/** A longer unfinished line is left to the cold path's own splitter. */
const MAX_HELD_BYTES = 64 * KIB;
/**
 * The kernel stops here, before the cold path forgets a family: a chunk may bring as many again.
 */
const MAX_DECLARATIONS = MAX_FAMILIES / 2;
/** Lines that vanished are dropped once they are an eighth of the page and this many more. */
const GARBAGE_PART = 8;
const GARBAGE_LINES = 16;

const NO_OUTPUT = new PayloadWriter();

export interface ReplayOptions {
  readonly limits: TransformLimits;
  readonly rules: TimeRules & Pick<RulesConfig, "disableInfoTag">;
}

/**
 * Reads one target's pages with the replay kernel. The kernel writes the lines that it knows from
 * earlier pages; all others go through the cold path and are remembered. The output is what the
 * cold path alone would write, byte for byte.
 */
export class ReplayedPage implements PageIntake {
  readonly #memory: SeriesMemory;
  readonly #kernel: ReplayKernel;
  readonly #holder: TableHolder;
  readonly #transform: PageTransform;
  readonly #learner: ReplayLearner;
  readonly #counters: LedgerCounters;
  readonly #options: ReplayOptions;
  readonly #place: PagePlace;
  readonly #types: PassedTypes;
  readonly #held = new HeldLine();
  #lines: KernelOutput;
  #dialect: Dialect = "text";
  #atMs = 0;
  /** The cold path reads the rest of the page alone. */
  #cold = true;

  constructor(memory: SeriesMemory, transform: PageTransform, options: ReplayOptions) {
    this.#memory = memory;
    this.#kernel = memory.kernel;
    this.#holder = memory.holder();
    this.#transform = transform;
    this.#options = options;
    this.#counters = new LedgerCounters(noLines());
    this.#place = new PagePlace(this.#kernel);
    this.#types = new PassedTypes(this.#kernel);
    this.#learner = new ReplayLearner(
      memory,
      this.#holder,
      transform.points,
      this.#counters,
      options.limits.lineBytes,
    );
    this.#lines = new KernelOutput(this.#kernel, NO_OUTPUT);
  }

  get counts(): LineCounts {
    return this.#transform.counts;
  }

  get examples(): readonly FaultExample[] {
    return this.#transform.examples;
  }

  get stopped(): PageStop | undefined {
    return this.#transform.stopped;
  }

  /** Bytes of the kernel's memory that this target uses. */
  get rememberedBytes(): number {
    const { table } = this.#holder;
    return table === 0 ? 0 : this.#kernel.calls.tableBlocks(table) * place.BLOCK_BYTES;
  }

  begin(dialect: Dialect, atMs: number, output: PayloadWriter): void {
    this.#transform.begin(dialect, atMs, output);
    this.#lines = new KernelOutput(this.#kernel, output);
    this.#atMs = atMs;
    this.#kernel.user = undefined;
    if (dialect !== this.#dialect || this.#transform.forgot) {
      this.#memory.drop(this.#holder);
      this.#dialect = dialect;
    }
    const table = this.#memory.use(this.#holder);
    this.#cold = table === 0 || this.#counters.size > place.MAX_COUNTERS;
    if (table !== 0) {
      this.#kernel.calls.nextScrape(table);
    }
    this.#learner.begin();
    this.#types.begin();
    this.#held.begin();
    this.#place.begin(table);
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.stopped === undefined) {
      if (this.#cold) {
        this.#transform.push(at === 0 ? chunk : chunk.subarray(at));
        return;
      }
      at = this.#held.splitting ? this.#split(chunk, at) : this.#take(chunk, at);
    }
  }

  end(whole: boolean): void {
    if (this.#held.length > 0) {
      this.#handOverHeld();
    }
    this.#transform.end(whole);
    this.#lines = new KernelOutput(this.#kernel, NO_OUTPUT);
    const { table } = this.#holder;
    if (this.#learner.outworn) {
      this.#memory.drop(this.#holder);
    } else if (table !== 0 && whole && !this.#cold && this.stopped === undefined) {
      this.#place.end();
      const { seen } = this.#place;
      const garbage = this.#kernel.calls.tableLines(table) - seen;
      if (garbage > GARBAGE_LINES + seen / GARBAGE_PART) {
        this.#holder.table = this.#kernel.calls.compact(table);
      }
    }
    this.#memory.release(this.#holder);
  }

  /** The target is gone. */
  forget(): void {
    this.#memory.forget(this.#holder);
  }

  /** Works through one piece of the chunk, from `at` on, and returns where the next begins. */
  #take(chunk: Uint8Array, at: number): number {
    const { bytes, context } = this.#kernel;
    const end = Math.min(chunk.length, at + PIECE_BYTES);
    const from = place.INPUT + this.#held.length;
    if (this.#held.length > 0) {
      bytes.set(this.#held.take(), place.INPUT);
    }
    bytes.set(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), from);
    const inputEnd = from + end - at;
    this.#run(inputEnd);
    const rest = context[word.position] as number;
    this.#store();
    if (this.stopped === undefined) {
      this.#hold(rest, inputEnd);
    }
    return end;
  }

  /** Holds the unfinished line `[start, end)` of the input for the next chunk. */
  #hold(start: number, end: number): void {
    const length = end - start;
    if (length === 0) {
      return;
    }
    this.#held.hold(this.#kernel.bytes.subarray(start, end));
    if (this.#cold || length > MAX_HELD_BYTES) {
      this.#handOverHeld();
      this.#held.splitting = true;
    }
  }

  #handOverHeld(): void {
    this.#transform.lineNumber = this.#place.lineNumber;
    this.#syncTypes();
    this.#transform.push(this.#held.take());
  }

  /** Hands the next part of a long line to the cold path, and returns where it ends. */
  #split(chunk: Uint8Array, at: number): number {
    const feed = chunk.indexOf(LINE_FEED, at);
    const end = feed < 0 ? chunk.length : feed + 1;
    this.#transform.push(chunk.subarray(at, end));
    if (feed >= 0) {
      this.#held.splitting = false;
      this.#place.lineNumber = this.#transform.lineNumber;
      this.#learner.heldRecord = 0;
      const { kind, lost } = this.#transform.outcome;
      this.#cold = kind === "type" || kind === "eof" || lost === "info";
    }
    return end;
  }

  /** Sets the context up for this page after the kernel has worked on another. */
  #load(): void {
    const { context, bytes } = this.#kernel;
    const { points } = this.#transform;
    this.#kernel.user = this;
    context.fill(0);
    context[word.table] = this.#holder.table;
    this.#place.load();
    putTimes(context, this.#dialect, this.#options.rules, this.#atMs);
    context[word.tailStatusLength] = putText(bytes, place.TAIL_STATUS, points.tail(true));
    context[word.tailLength] = putText(bytes, place.TAIL, points.tail(false));
  }

  #store(): void {
    this.#place.store();
    this.#types.collect();
    if (this.#types.declarations >= MAX_DECLARATIONS) {
      this.#sitOut();
    }
  }

  /** Runs the input up to `inputEnd` through the kernel. */
  #run(inputEnd: number): void {
    const { calls, context } = this.#kernel;
    const isNew = this.#kernel.user !== this;
    if (isNew) {
      this.#load();
    }
    context[word.position] = place.INPUT;
    context[word.end] = inputEnd;
    context[word.heldOutside] = this.#transform.points.holds ? 1 : 0;
    context[word.budget] = this.#budget;
    let reason = this.#lines.place() || isNew ? calls.run() : calls.resume();
    while (reason !== stop.more) {
      if (!this.#resolve(reason)) {
        return;
      }
      context[word.budget] = this.#budget;
      reason = this.#lines.place() ? calls.run() : calls.resume();
    }
    this.#sync();
    this.#exportHeld();
  }

  /** Deals with what the kernel stopped for. False: it does not go on. */
  #resolve(reason: number): boolean {
    const { context } = this.#kernel;
    if (reason === stop.cold) {
      return this.#coldLine(context[word.position] as number, context[word.lineEnd] as number);
    }
    this.#sync();
    if (reason === stop.release) {
      this.#transform.points.release();
      context[word.heldOutside] = 0;
      this.#learner.heldRecord = 0;
    } else {
      this.#lines.cut(this.counts);
    }
    return true;
  }

  /** How many more samples the page may have. */
  get #budget(): number {
    return Math.min(this.#transform.samplesLeft, 0xffffffff);
  }

  /**
   * Runs one line of the input through the cold path. False: the kernel does not go on after it.
   */
  #coldLine(start: number, end: number): boolean {
    const { context, bytes } = this.#kernel;
    const transform = this.#transform;
    this.#sync();
    this.#exportHeld();
    this.#syncTypes();
    const isCrLf = end > start && bytes[end - 1] === CARRIAGE_RETURN;
    const lineNumber = this.#place.lineNumber++;
    const { lineBytes } = this.#options.limits;
    if (end - start > lineBytes) {
      transform.tooLong(bytes, start, start + lineBytes, lineNumber);
    } else {
      transform.line(bytes, start, isCrLf ? end - 1 : end, lineNumber);
    }
    context[word.position] = end + 1;
    if (this.stopped !== undefined) {
      return false;
    }
    let learned: Learned = "ok";
    this.#learner.keeps = !isCrLf;
    const { outcome } = transform;
    if (outcome.kind === "sample") {
      learned = this.#learner.sample(outcome, start, this.#options.rules.disableInfoTag);
    } else if (outcome.kind === "eof") {
      learned = "lost";
    } else if (outcome.kind !== "nothing") {
      learned = this.#learner.comment(outcome, start, end);
      this.#types.declarations += outcome.kind === "type" ? 1 : 0;
    }
    context[word.heldOutside] = transform.points.holds ? 1 : 0;
    if (learned === "lost") {
      this.#sitOut();
      this.#pushRest(end + 1);
      return false;
    }
    return true;
  }

  #sitOut(): void {
    this.#cold = true;
    this.#syncTypes();
    this.#transform.lineNumber = this.#place.lineNumber;
  }

  /** Hands the rest of the input, from `start` on, to the cold path. */
  #pushRest(start: number): void {
    const { context, bytes } = this.#kernel;
    const end = context[word.end] as number;
    this.#transform.push(bytes.subarray(start, end));
    context[word.position] = end;
  }

  /** Takes over the counts and the output of the kernel. */
  #sync(): void {
    this.#place.lineNumber += takeCounts(this.#kernel.context, this.counts, this.#counters);
    this.#lines.take();
  }

  /** Moves a half that waits in the kernel to the cold path. */
  #exportHeld(): void {
    const { context } = this.#kernel;
    const record = context[word.held] as number;
    if (record !== 0) {
      this.#transform.points.hold(heldHalf(this.#kernel, record));
      this.#learner.heldRecord = record;
      context[word.held] = 0;
      context[word.heldOutside] = 1;
    }
  }

  /** Tells the cold path the types that replayed lines have declared. */
  #syncTypes(): void {
    if (this.#types.waiting) {
      for (const record of this.#types.take()) {
        this.#transform.declare(this.#learner.declaration(record));
      }
    }
  }
}
