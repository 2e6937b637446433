// Addresses and numbers that TypeScript shares with memory.as and records.as; a test compares them.

export const CONTEXT = 0x400;
export const TAIL_STATUS = 0x600;
export const TAIL = 0x680;
export const KEYS = 0x800;
export const KEY_BYTES = 0x440;
export const TYPES = 0x2000;
export const TEXT = 0x14000;
export const TEXT_BYTES = 7000;
/** 160 KiB: an unfinished line, a piece of a chunk, and what the kernel reads past it. */
export const INPUT = 0x18000;
export const OUTPUT = 0x40000;
/** The kernel stops once it has written this much; one more line fits after it. */
export const OUTPUT_BYTES = 0x10000;
/** Rooms for the lines of payloads, each with slack at its end that the kernel may write to. */
export const ROOMS = 0x60000;
export const ROOMS_COUNT = 4;
export const ROOM_BYTES = 0x46000;
export const ROOM_SLACK = 0x2000;
/** Blocks of tables begin here; all memory below has a fixed use. */
export const ARENA = 0x180000;
export const BLOCK_BYTES = 8192;

/** Words of the context, by index. */
export const word = {
  table: 0,
  predicted: 1,
  previous: 2,
  info: 3,
  position: 4,
  end: 5,
  lineEnd: 6,
  hit: 7,
  out: 8,
  outLimit: 9,
  honorTime: 10,
  tailStatusLength: 11,
  tailLength: 12,
  budget: 13,
  held: 14,
  heldEnd: 15,
  heldOutside: 16,
  typesCount: 17,
  seen: 18,
  lines: 19,
  blank: 20,
  comments: 21,
  samples: 22,
  points: 23,
  sent: 24,
  notFinite: 25,
  heldStart: 26,
  /** 64 bits each, Unix milliseconds: the bounds of `honorTime.within`. */
  earliest: 28,
  latest: 30,
  counters: 32,
} as const;
/**
 * What becomes of a line's own time. `no`: it is ignored. `yes`: the point carries it. `cold`: the
 * cold path decides. `within`: `yes` within the bounds, `cold` beyond them.
 */
export const honorTime = { no: 0, yes: 1, cold: 2, within: 3 } as const;
/** Most counters of filtered and dropped samples. */
export const MAX_COUNTERS = 32;

/** Kinds of records, as in records.as. */
export const kind = {
  comment: 1,
  type: 2,
  dropped: 3,
  notANumber: 4,
  info: 5,
  single: 6,
  sum: 7,
  count: 8,
} as const;

/** Why the kernel stopped. */
export const stop = { more: 0, cold: 1, full: 2, release: 3 } as const;
