/** What inflate.as exports. Numbers are addresses in its memory; those in capitals are relative to a room. */
interface InflateExports {
  initialize(): void;
  begin(room: number): void;
  run(room: number): number;
  readonly ROOMS: { readonly value: number };
  readonly ROOM_BYTES: { readonly value: number };
  readonly INPUT: { readonly value: number };
  readonly INPUT_BYTES: { readonly value: number };
  readonly IN: { readonly value: number };
  readonly IN_END: { readonly value: number };
  readonly OUT: { readonly value: number };
  readonly OUT_START: { readonly value: number };
}

/** `more`: the input is used up. `full`: there is more text to come from it. `done`: the stream has ended. */
export type InflateStatus = "more" | "full" | "done" | InflateFault;
type InflateFault = (typeof FAULTS)[number];

const FAULTS = [
  "invalid block type",
  "invalid length of a stored block",
  "invalid code lengths",
  "invalid code",
  "invalid distance too far back",
] as const;
/** By the numbers of state.as. */
const STATUS: readonly (InflateStatus | undefined)[] = [
  undefined,
  "more",
  "full",
  "done",
  ...FAULTS,
];

const PAGE_BYTES = 65_536;

/**
 * Raw deflate streams (RFC 1951) to text, many at a time in one memory, which grows with the most that were under way at once: 152 KiB
 * for each.
 */
export class InflateMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: InflateExports;
  readonly #maxRooms: number;
  readonly #free: number[] = [];
  #rooms = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;

  /** Throws where the module is not the inflater. */
  constructor(module: WebAssembly.Module, maxRooms: number) {
    // One page for what streams share; rooms are added as they are asked for.
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: 1 + 3 * maxRooms });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#exports = instance.exports as unknown as InflateExports;
    this.#maxRooms = maxRooms;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
    this.#exports.initialize();
  }

  /** Room for one stream after the other, until it is released; undefined where as many as there may be are taken. */
  take(): Inflater | undefined {
    const room = this.#free.pop() ?? this.#newRoom();
    return room === undefined ? undefined : new Inflater(this, room);
  }

  /** Bytes of the room's input that were not read: `[start, end)` of `bytes`. */
  unread(room: number): { start: number; end: number } {
    const { IN, IN_END } = this.#exports;
    return { start: this.#word(room + IN.value), end: this.#word(room + IN_END.value) };
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  begin(room: number): void {
    this.#exports.begin(room);
  }

  skipTo(room: number, at: number): void {
    this.#words[(room + this.#exports.IN.value) >> 2] = at;
  }

  /** Takes the first bytes of `bytes` as input in place of what was read, and answers how many. */
  feed(room: number, bytes: Uint8Array): number {
    const { INPUT, INPUT_BYTES, IN, IN_END } = this.#exports;
    const length = Math.min(bytes.length, INPUT_BYTES.value);
    const start = room + INPUT.value;
    this.#bytes.set(length === bytes.length ? bytes : bytes.subarray(0, length), start);
    this.#words[(room + IN.value) >> 2] = start;
    this.#words[(room + IN_END.value) >> 2] = start + length;
    return length;
  }

  run(room: number): InflateStatus {
    const status = STATUS[this.#exports.run(room)];
    if (status === undefined) {
      throw new Error("a run of the inflater came to nothing");
    }
    return status;
  }

  text(room: number): Uint8Array {
    const { OUT_START, OUT } = this.#exports;
    return this.#bytes.subarray(this.#word(room + OUT_START.value), this.#word(room + OUT.value));
  }

  release(room: number): void {
    this.#free.push(room);
  }

  #newRoom(): number | undefined {
    if (this.#rooms === this.#maxRooms) {
      return undefined;
    }
    const { ROOMS, ROOM_BYTES } = this.#exports;
    const room = ROOMS.value + ROOM_BYTES.value * this.#rooms;
    const missing = room + ROOM_BYTES.value - this.#bytes.length;
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#words = new Uint32Array(this.#memory.buffer);
    }
    this.#rooms++;
    return room;
  }

  #word(address: number): number {
    return this.#words[address >> 2] as number;
  }
}

/** One stream after the other, their input in pieces. */
export class Inflater {
  readonly #memory: InflateMemory;
  readonly #room: number;

  constructor(memory: InflateMemory, room: number) {
    this.#memory = memory;
    this.#room = room;
    memory.feed(room, new Uint8Array(0));
  }

  /** A stream begins with the input that is not read. */
  begin(): void {
    this.#memory.begin(this.#room);
  }

  /** Takes the first bytes of `bytes` in, once all of the last ones is read, and answers how many. */
  feed(bytes: Uint8Array): number {
    return this.#memory.feed(this.#room, bytes);
  }

  /** Inflates some tens of KiB at most. */
  run(): InflateStatus {
    return this.#memory.run(this.#room);
  }

  /** What the last run made. Holds until the next run, or until another stream begins. */
  get text(): Uint8Array {
    return this.#memory.text(this.#room);
  }

  /** What of the input was not read. Holds as `text` does. */
  get unread(): Uint8Array {
    const { start, end } = this.#memory.unread(this.#room);
    return this.#memory.bytes.subarray(start, end);
  }

  /** The next `count` bytes that are not read were read by somebody else. */
  skip(count: number): void {
    this.#memory.skipTo(this.#room, this.#memory.unread(this.#room).start + count);
  }

  /** Once; nothing else may follow. */
  release(): void {
    this.#memory.release(this.#room);
  }
}
