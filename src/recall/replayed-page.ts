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
import { KernelRecords } from "../replay/kernel-records.ts";
import type { ReplayKernel } from "../replay/replay-kernel.ts";
import type { SeriesMemory, TableHolder } from "../replay/series-memory.ts";
import type { RulesConfig } from "../rules/rules-config.ts";
import { KIB } from "../units.ts";
import { heldHalf, putText, putTimes, type TimeRules, takeCounts } from "./kernel-context.ts";
import { KernelOutput } from "./kernel-output.ts";
import { LedgerCounters } from "./ledger-counters.ts";
import { type Learned, ReplayLearner } from "./replay-learner.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A chunk is taken in pieces of this size. */
const PIECE_BYTES = 64 * KIB;
/** An unfinished line longer than this is left to the cold path's own splitter. */
const MAX_HELD_BYTES = 64 * KIB;
/** Before the cold path's table could forget one; a chunk may bring half as many. */
const MAX_DECLARATIONS = MAX_FAMILIES / 2;
/** Lines that vanished are let go of once they are an eighth of the page, and this many more. */
const GARBAGE_PART = 8;
const GARBAGE_LINES = 16;

const NO_OUTPUT = new PayloadWriter();

export interface ReplayOptions {
  readonly limits: TransformLimits;
  readonly rules: TimeRules & Pick<RulesConfig, "disableInfoTag">;
}

/**
 * One target's pages through the replay kernel: lines that it knows from earlier pages are written by it, all others go through
 * the cold path and are remembered. What comes out is what the cold path alone makes of them, byte for byte.
 */
export class ReplayedPage implements PageIntake {
  readonly #memory: SeriesMemory;
  readonly #kernel: ReplayKernel;
  readonly #records: KernelRecords;
  readonly #holder: TableHolder;
  readonly #transform: PageTransform;
  readonly #learner: ReplayLearner;
  readonly #counters: LedgerCounters;
  readonly #options: ReplayOptions;
  #output = NO_OUTPUT;
  #lines: KernelOutput;
  #dialect: Dialect = "text";
  #atMs = 0;
  /** The kernel sits out the rest of the page. */
  #cold = true;
  /** Records of TYPE lines passed that the cold path has not heard of. */
  #types: number[] = [];
  #declarations = 0;
  #held = new Uint8Array(512);
  #heldBytes = 0;
  /** The line at hand is longer than is held here: the cold path's splitter has it. */
  #splitting = false;
  #lineNumber = 1;
  #predicted = 0;
  #previous = 0;
  #info = 0;
  #seen = 0;

  constructor(memory: SeriesMemory, transform: PageTransform, options: ReplayOptions) {
    this.#memory = memory;
    this.#kernel = memory.kernel;
    this.#records = new KernelRecords(memory.kernel);
    this.#holder = memory.holder();
    this.#transform = transform;
    this.#options = options;
    this.#counters = new LedgerCounters(noLines());
    const { lineBytes } = options.limits;
    this.#learner = new ReplayLearner(memory, this.#holder, transform, this.#counters, lineBytes);
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

  /** Bytes of the kernel's memory in use for this target. */
  get rememberedBytes(): number {
    const { table } = this.#holder;
    return table === 0 ? 0 : this.#kernel.calls.tableBlocks(table) * place.BLOCK_BYTES;
  }

  begin(dialect: Dialect, atMs: number, output: PayloadWriter): void {
    this.#transform.begin(dialect, atMs, output);
    this.#output = output;
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
    this.#types = [];
    this.#declarations = 0;
    this.#heldBytes = 0;
    this.#splitting = false;
    this.#lineNumber = 1;
    // The header of a table begins like a record: the first line of the page follows it.
    this.#previous = table;
    this.#predicted = table === 0 ? 0 : this.#records.next(table);
    this.#info = 0;
    this.#seen = 0;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.stopped === undefined) {
      if (this.#cold) {
        this.#transform.push(at === 0 ? chunk : chunk.subarray(at));
        return;
      }
      at = this.#splitting ? this.#split(chunk, at) : this.#take(chunk, at);
    }
  }

  end(whole: boolean): void {
    if (this.#heldBytes > 0) {
      this.#handOverHeld();
    }
    this.#transform.end(whole);
    this.#output = NO_OUTPUT;
    const { table } = this.#holder;
    if (this.#learner.outworn) {
      this.#memory.drop(this.#holder);
    } else if (table !== 0 && whole && !this.#cold && this.stopped === undefined) {
      this.#records.setLast(this.#previous);
      const garbage = this.#kernel.calls.tableLines(table) - this.#seen;
      if (garbage > GARBAGE_LINES + this.#seen / GARBAGE_PART) {
        this.#holder.table = this.#kernel.calls.compact(table);
      }
    }
    this.#memory.release(this.#holder);
  }

  /** The target is gone. */
  forget(): void {
    this.#memory.forget(this.#holder);
  }

  /** Takes a piece of the chunk from `at` and answers where the next begins. */
  #take(chunk: Uint8Array, at: number): number {
    const { bytes, context } = this.#kernel;
    const end = Math.min(chunk.length, at + PIECE_BYTES);
    const from = place.INPUT + this.#heldBytes;
    if (this.#heldBytes > 0) {
      bytes.set(this.#held.subarray(0, this.#heldBytes), place.INPUT);
      this.#heldBytes = 0;
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

  /** Keeps the unfinished line `[start, end)` of the input for the next chunk. */
  #hold(start: number, end: number): void {
    const length = end - start;
    if (length === 0) {
      return;
    }
    if (length > this.#held.length) {
      this.#held = new Uint8Array(Math.max(length, 2 * this.#held.length));
    }
    this.#held.set(this.#kernel.bytes.subarray(start, end));
    this.#heldBytes = length;
    if (this.#cold || length > MAX_HELD_BYTES) {
      this.#handOverHeld();
      this.#splitting = true;
    }
  }

  #handOverHeld(): void {
    this.#transform.lineNumber = this.#lineNumber;
    this.#syncTypes();
    this.#transform.lost = undefined;
    this.#transform.declared = undefined;
    const held = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    this.#transform.push(held);
  }

  /** Gives the cold path the rest of a long line. */
  #split(chunk: Uint8Array, at: number): number {
    const feed = chunk.indexOf(LINE_FEED, at);
    const end = feed < 0 ? chunk.length : feed + 1;
    this.#transform.push(chunk.subarray(at, end));
    if (feed >= 0) {
      this.#splitting = false;
      this.#lineNumber = this.#transform.lineNumber;
      this.#learner.heldRecord = 0;
      const { declared, ended, lost } = this.#transform;
      this.#cold = declared !== undefined || ended || lost === "info";
    }
    return end;
  }

  /** Tells the kernel where this page stands, if another was at work. */
  #load(): void {
    const { context, bytes } = this.#kernel;
    const { points } = this.#transform;
    this.#kernel.user = this;
    context.fill(0);
    context[word.table] = this.#holder.table;
    context[word.predicted] = this.#predicted;
    context[word.previous] = this.#previous;
    context[word.info] = this.#info;
    putTimes(context, this.#dialect, this.#options.rules, this.#atMs);
    context[word.tailStatusLength] = putText(bytes, place.TAIL_STATUS, points.tail(true));
    context[word.tailLength] = putText(bytes, place.TAIL, points.tail(false));
  }

  #store(): void {
    const { context } = this.#kernel;
    this.#predicted = context[word.predicted] as number;
    this.#previous = context[word.previous] as number;
    this.#info = context[word.info] as number;
    this.#seen += context[word.seen] as number;
    context[word.seen] = 0;
    this.#takeTypes();
    if (this.#declarations >= MAX_DECLARATIONS) {
      this.#sitOut();
    }
  }

  /** The input up to `inputEnd` through the kernel. */
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

  /** Does what the kernel stopped for. False where it does not go on. */
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
      this.#output.cut(this.counts);
    }
    return true;
  }

  /** Samples that the page may still have. */
  get #budget(): number {
    return Math.min(this.#transform.samplesLeft, 0xffffffff);
  }

  /** One line of the input through the cold path. False where the kernel does not go on behind it. */
  #coldLine(start: number, end: number): boolean {
    const { context, bytes } = this.#kernel;
    const transform = this.#transform;
    this.#sync();
    this.#exportHeld();
    this.#syncTypes();
    const { counts } = this;
    const { comments, samples } = counts;
    const isCrLf = end > start && bytes[end - 1] === CARRIAGE_RETURN;
    const lineNumber = this.#lineNumber++;
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
    if (counts.comments > comments) {
      learned = transform.ended ? "lost" : this.#learner.comment(start, end);
      this.#declarations += transform.declared === undefined ? 0 : 1;
    } else if (counts.samples > samples) {
      const counter = this.#counters.of(transform.lost);
      learned = this.#learner.sample(start, counter, this.#options.rules.disableInfoTag);
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
    this.#transform.lineNumber = this.#lineNumber;
  }

  /** What the kernel has of the input, from `start` on, goes to the cold path. */
  #pushRest(start: number): void {
    const { context, bytes } = this.#kernel;
    const end = context[word.end] as number;
    this.#transform.push(bytes.subarray(start, end));
    context[word.position] = end;
  }

  /** Takes over what the kernel has counted and written. */
  #sync(): void {
    this.#lineNumber += takeCounts(this.#kernel.context, this.counts, this.#counters);
    this.#lines.take();
  }

  /** A half that waits in the kernel waits in the cold path from here on. */
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

  #takeTypes(): void {
    const { context, words } = this.#kernel;
    const count = context[word.typesCount] as number;
    if (count === 0) {
      return;
    }
    const first = place.TYPES >> 2;
    for (let at = first; at < first + count; at++) {
      this.#types.push(words[at] as number);
    }
    this.#declarations += count;
    context[word.typesCount] = 0;
  }

  /** The cold path hears of the types declared by lines it did not see. */
  #syncTypes(): void {
    this.#takeTypes();
    if (this.#types.length === 0) {
      return;
    }
    for (const record of this.#types) {
      this.#transform.declare(this.#learner.declaration(record));
    }
    this.#types.length = 0;
  }
}
