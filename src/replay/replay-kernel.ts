import {
  ARENA,
  BLOCK_BYTES,
  CONTEXT,
  KEY_BYTES,
  KEYS,
  ROOM_BYTES,
  ROOM_SLACK,
  ROOMS,
  ROOMS_COUNT,
} from "./kernel-memory.ts";

const PAGE_BYTES = 65_536;
/** A share smaller than this is taken for this: a few small tables. */
const LEAST_BLOCKS = 8;

/** What kernel.as exports. Results are addresses in its memory, where 0 means none, or counts. */
export interface KernelExports {
  initialize(bytes: number): void;
  freeBlocks(): number;
  limitBlocks(most: number): number;
  run(): number;
  resume(): number;
  newTable(maxBlocks: number): number;
  dropTable(table: number): void;
  compact(table: number): number;
  nextScrape(table: number): number;
  nextInfo(table: number): number;
  tableBlocks(table: number): number;
  tableLines(table: number): number;
  findName(table: number, start: number, length: number): number;
  learnName(table: number, start: number, length: number, a: number, b: number, c: number): number;
  killName(table: number, start: number, length: number): void;
  findSlot(table: number, start: number, length: number): number;
  learnSlot(table: number, start: number, length: number): number;
  declare(slot: number, type: number): void;
  learn(
    kind: number,
    extra: number,
    key: number,
    keyLength: number,
    name: number,
    textLength: number,
    seriesKeyLength: number,
  ): number;
  pair(one: number, other: number): void;
}

/** The kernel and its memory, one for all targets of a lane. It works on one page at a time. */
export class ReplayKernel {
  readonly calls: KernelExports;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;
  /** The context's words. */
  readonly context: Uint32Array<ArrayBuffer>;
  /** Blocks for tables that may be touched. */
  blocks: number;
  /** The page that the context belongs to. */
  user: object | undefined;
  #rooms = 0;

  /**
   * `maxBytes`: of memory in all; the system hands it out as it is used. `seed` fills its argument
   * with random bytes, so that nobody outside can make the hashes of two series collide. Throws if
   * the module is not the kernel.
   */
  constructor(module: WebAssembly.Module, maxBytes: number, seed: (bytes: Uint8Array) => void) {
    const pages = Math.max(Math.ceil(maxBytes / PAGE_BYTES), ARENA / PAGE_BYTES + 1);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.calls = instance.exports as unknown as KernelExports;
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(this.bytes.buffer);
    this.context = new Uint32Array(this.bytes.buffer, CONTEXT, 64);
    seed(this.bytes.subarray(KEYS, KEYS + KEY_BYTES));
    this.calls.initialize(this.bytes.length);
    this.blocks = this.calls.freeBlocks();
  }

  /**
   * Memory for the lines of a payload that the kernel can write to; undefined once all is taken.
   */
  takeRoom(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#rooms === ROOMS_COUNT) {
      return undefined;
    }
    const start = ROOMS + ROOM_BYTES * this.#rooms++;
    return this.bytes.subarray(start, start + ROOM_BYTES - ROOM_SLACK);
  }

  /**
   * Touches at most `bytes` of its memory from now on, the parts of a fixed use included. False where it has touched more: memory
   * that was touched goes back to the system with the whole instance only.
   */
  limit(bytes: number): boolean {
    const most = Math.max(LEAST_BLOCKS, Math.floor((bytes - ARENA) / BLOCK_BYTES));
    this.blocks = this.calls.limitBlocks(most);
    return this.blocks <= most;
  }

  get usedBytes(): number {
    return (this.blocks - this.calls.freeBlocks()) * BLOCK_BYTES;
  }

  byteAt(address: number): number {
    return this.bytes[address] as number;
  }
}
