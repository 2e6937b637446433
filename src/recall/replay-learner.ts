import {
  DECIDED_SUFFIXES,
  decidingNames,
  declaredName,
  INFO_SUFFIX,
  type MetricType,
} from "../exposition/family-table.ts";
import { knownText } from "../exposition/known-texts.ts";
import type { SampleLine } from "../exposition/sample-line.ts";
import type { Declaration, LineOutcome } from "../points/line-outcome.ts";
import { needsStatus, type PairHalf, type PointWriter } from "../points/point-writer.ts";
import { kind, TEXT, TEXT_BYTES, word } from "../replay/kernel-memory.ts";
import { KernelRecords } from "../replay/kernel-records.ts";
import type { SeriesMemory, TableHolder } from "../replay/series-memory.ts";
import type { LedgerCounters } from "./ledger-counters.ts";

const BLANK = 0x20;
const HASH = 0x23;
const NON_ASCII = 0x80;

/** Longest value and time that the kernel reads. */
const MAX_REST_BYTES = 64;
const MAX_KEY_BYTES = 60_000;
/**
 * Families of longer names are not followed: the cold path might forget one that the kernel knows.
 */
const MAX_FAMILY_BYTES = 250;

const TYPE_CODES: readonly MetricType[] = [
  "counter",
  "gauge",
  "histogram",
  "summary",
  "untyped",
  "info",
];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `lost`: the kernel can no longer follow what the page declares, and must skip the rest of it. */
export type Learned = "ok" | "lost";

/** Turns what the cold path made of a line into records of the kernel. */
export class ReplayLearner {
  readonly #memory: SeriesMemory;
  readonly #records: KernelRecords;
  readonly #holder: TableHolder;
  readonly #points: PointWriter;
  readonly #counters: LedgerCounters;
  readonly #maxKeyBytes: number;
  /** Record of the half that waits in the cold path; 0: none waits, or it is not remembered. */
  heldRecord = 0;
  /** The table has run out of info states and must start over. */
  outworn = false;
  /** Whether the current line may be remembered. */
  keeps = true;
  /** There is no room for more lines; known ones are still replayed. */
  #full = false;

  constructor(
    memory: SeriesMemory,
    holder: TableHolder,
    points: PointWriter,
    counters: LedgerCounters,
    lineBytes: number,
  ) {
    this.#memory = memory;
    this.#records = new KernelRecords(memory.kernel);
    this.#holder = holder;
    this.#points = points;
    this.#counters = counters;
    this.#maxKeyBytes = Math.min(lineBytes - MAX_REST_BYTES, MAX_KEY_BYTES);
  }

  begin(): void {
    this.heldRecord = 0;
    this.outworn = false;
    this.#full = false;
  }

  /** What a TYPE line declares, by its record. */
  declaration(record: number): Declaration {
    const family = decoder.decode(this.#records.family(record));
    return { family, type: TYPE_CODES[this.#records.typeCode(record) - 1] as MetricType };
  }

  /** Learns the comment line `[start, end)`. */
  comment({ declared }: Readonly<LineOutcome>, start: number, end: number): Learned {
    if (declared === undefined) {
      if (this.#memory.kernel.byteAt(start) === HASH) {
        this.#learn(kind.comment, 0, start, end - start, 0);
      }
      return "ok";
    }
    const { calls } = this.#memory.kernel;
    const { table } = this.#holder;
    const name = declaredName(declared.family, declared.type);
    const length = this.#putText(name);
    if (length > MAX_FAMILY_BYTES) {
      return "lost";
    }
    let slot = calls.findSlot(table, TEXT, length);
    if (slot === 0) {
      slot = calls.learnSlot(table, TEXT, length);
      if (slot === 0) {
        return "lost";
      }
      for (const suffix of DECIDED_SUFFIXES) {
        calls.killName(table, TEXT, length + this.#putText(suffix, TEXT + length));
      }
      if (name.endsWith(INFO_SUFFIX)) {
        calls.killName(table, TEXT, length - INFO_SUFFIX.length);
      }
    }
    const code = 1 + TYPE_CODES.indexOf(declared.type);
    calls.declare(slot, code);
    if (this.#memory.kernel.byteAt(start) === HASH) {
      const textLength = this.#putText(declared.family);
      this.#learn(kind.type, code, start, end - start, slot, textLength);
    }
    return "ok";
  }

  /** Learns the sample line that begins at `start`. */
  sample({ line, lost }: Readonly<LineOutcome>, start: number, infoIgnored: boolean): Learned {
    const { kernel } = this.#memory;
    // -1: it made a point or half of one.
    const counter = this.#counters.of(lost);
    const length = line.valueStart - start;
    const unknown =
      line.nameEscaped ||
      length > this.#maxKeyBytes ||
      kernel.byteAt(line.valueStart - 1) !== BLANK;
    const name = unknown ? 0 : this.#name(line);
    if (counter === this.#counters.info && !infoIgnored) {
      return this.#info(start, length, name);
    }
    if (counter === this.#counters.notFinite) {
      if (line.valueKind === "nan" && name !== 0) {
        this.#learn(kind.notANumber, 0, start, length, name);
      }
    } else if (counter >= 0) {
      if (name !== 0) {
        this.#learn(kind.dropped, counter, start, length, name);
      }
    } else {
      this.#point(start, length, name);
    }
    return "ok";
  }

  #point(start: number, length: number, name: number): void {
    const points = this.#points;
    const joined = !points.holds;
    const { last } = points;
    if (last === "single") {
      this.heldRecord = 0;
      if (name !== 0) {
        this.#single(start, length, name);
      }
      return;
    }
    const record = name === 0 ? 0 : this.#half(last, start, length, name);
    if (joined && record !== 0 && this.heldRecord !== 0) {
      this.#memory.kernel.calls.pair(record, this.heldRecord);
    }
    this.heldRecord = joined ? 0 : record;
  }

  #single(start: number, length: number, name: number): void {
    const { bytes } = this.#memory.kernel;
    const points = this.#points;
    const text = points.text();
    if (text.length > TEXT_BYTES) {
      return;
    }
    bytes.set(text, TEXT);
    const status = points.lastNeedsStatus ? 0 : 1;
    this.#learn(kind.single, status, start, length, name, text.length);
  }

  #half(half: PairHalf, start: number, length: number, name: number): number {
    const { seriesKey, field } = half;
    const textLength = seriesKey.length + field.length + 2;
    if (textLength > TEXT_BYTES) {
      return 0;
    }
    const text = Buffer.from(`${seriesKey} `, "latin1");
    const { bytes } = this.#memory.kernel;
    bytes.set(text, TEXT);
    bytes.set(field, TEXT + text.length);
    bytes[TEXT + textLength - 1] = 0x3d;
    const status = needsStatus(field) ? 0 : 1;
    const what = half.part === "sum" ? kind.sum : kind.count;
    return this.#learn(what, status, start, length, name, textLength, seriesKey.length);
  }

  /**
   * The cold path takes an info sample each time; its record leads from one info state to the next.
   */
  #info(start: number, length: number, name: number): Learned {
    const { kernel } = this.#memory;
    const record = name === 0 ? 0 : this.#learn(kind.info, 0, start, length, name);
    const after = record === 0 ? 0 : this.#records.infoAfter(record);
    if (after !== 0) {
      kernel.context[word.info] = after;
      return "ok";
    }
    const state = kernel.calls.nextInfo(this.#holder.table);
    if (state === 0) {
      this.outworn = true;
      return "lost";
    }
    if (record !== 0) {
      this.#records.setInfoAfter(record, state);
    }
    return "ok";
  }

  /** Record of the line's sample name, under the declarations so far. */
  #name({ nameStart, nameEnd }: SampleLine): number {
    const { calls, bytes } = this.#memory.kernel;
    const { table } = this.#holder;
    const known = calls.findName(table, nameStart, nameEnd - nameStart);
    if (known !== 0 || this.#full) {
      return known;
    }
    const slots = decidingNames(knownText(bytes, nameStart, nameEnd).text).map((decider) =>
      decider === undefined ? 0 : calls.findSlot(table, TEXT, this.#putText(decider)),
    ) as [number, number, number];
    return calls.learnName(table, nameStart, nameEnd - nameStart, ...slots);
  }

  #learn(
    what: number,
    extra: number,
    key: number,
    keyLength: number,
    name: number,
    textLength = 0,
    seriesKeyLength = 0,
  ): number {
    if (!this.keeps || this.#full || keyLength > this.#maxKeyBytes) {
      return 0;
    }
    const { calls } = this.#memory.kernel;
    const learn = (): number =>
      calls.learn(what, extra, key, keyLength, name, textLength, seriesKeyLength);
    const record = learn();
    if (record !== 0 || !this.#memory.isFull(this.#holder)) {
      return record;
    }
    if (this.#memory.makeRoom(this.#holder)) {
      return learn();
    }
    this.#full = true;
    return 0;
  }

  /** Writes text for the kernel and returns its length; 0: too long to be a name. */
  #putText(text: string, at = TEXT): number {
    const { bytes } = this.#memory.kernel;
    let length = 0;
    // Nearly every name is short and ASCII: an encoder takes ten times as long.
    while (length < text.length && length < TEXT_BYTES && text.charCodeAt(length) < NON_ASCII) {
      bytes[at + length] = text.charCodeAt(length);
      length++;
    }
    if (length === text.length) {
      return length;
    }
    const encoded = encoder.encode(text);
    if (encoded.length > TEXT_BYTES) {
      return 0;
    }
    bytes.set(encoded, at);
    return encoded.length;
  }
}
