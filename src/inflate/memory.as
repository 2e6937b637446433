// The inflater's memory: what all streams share, then one room for each stream.
//
//   shared: COUNTS, NEXT_CODES of the code being built · tables of the fixed code
//   room:   state · sizes of a block's codes · its tables · INPUT · OUTPUT: 32 KiB of text before, then the text of this run
//
// Addresses of a room are relative to its start. An entry of a table is a u32:
//
//   bits 0-5    bits that the symbol takes, extra bits included
//   bits 8-11   bits of its code alone
//   bits 12-13  number of literals: 1 or 2; their bytes are in bits 16-31
//   bit 14      nothing but one of the next: END, INVALID, or, with bit 15, a table for longer codes at bits 16-31
//   bits 16-31  length, or distance, without its extra bits

export const SIZE: u32 = 0x3f;
export const CODE_SHIFT: u32 = 8;
export const CODE_SIZE: u32 = 0xf;
export const LITERAL_SHIFT: u32 = 12;
export const LITERALS: u32 = 0x3000;
export const ONE_LITERAL: u32 = 0x1000;
export const TWO_LITERALS: u32 = 0x2000;
export const SPECIAL: u32 = 0x4000;
export const LONGER: u32 = 0x8000;
export const END: u32 = 0x40;
export const INVALID: u32 = 0x80;
export const VALUE_SHIFT: u32 = 16;

/** Bits of a literal's or length's code that the first table goes by; the tables behind it go by the others of 15. */
export const LITERAL_LOG: u32 = 11;
export const DISTANCE_LOG: u32 = 9;
export const LONGEST_CODE: u32 = 15;
/** Each table for longer codes serves two symbols at least: 143 for 286 symbols, 15 for 30. */
const LITERAL_ENTRIES: u32 = (1 << LITERAL_LOG) + (143 << (LONGEST_CODE - LITERAL_LOG));
const DISTANCE_ENTRIES: u32 = (1 << DISTANCE_LOG) + (15 << (LONGEST_CODE - DISTANCE_LOG));

export const COUNTS: u32 = 0x400;
export const NEXT_CODES: u32 = 0x480;
export const FIXED_SIZES: u32 = 0x500;
export const FIXED_LITERALS: u32 = 0x1000;
export const FIXED_DISTANCES: u32 = FIXED_LITERALS + 4 * LITERAL_ENTRIES;
/** Where rooms begin. */
export const ROOMS: u32 = 0x10000;

/** 64 bits of input and how many of them are not used up. */
export const BITS: u32 = 0;
export const BIT_COUNT: u32 = 8;
/** What of INPUT is not read: `[IN, IN_END)`. */
export const IN: u32 = 12;
export const IN_END: u32 = 16;
/** Where the text ends, and where that of the last run began. */
export const OUT: u32 = 20;
export const OUT_START: u32 = 24;
/** Matches reach back to here at most. */
export const HISTORY: u32 = 28;
export const MODE: u32 = 32;
export const LAST_BLOCK: u32 = 36;
/** Tables of the block at work. */
export const LITERAL_TABLE: u32 = 40;
export const DISTANCE_TABLE: u32 = 44;
/** Of a stored block. */
export const STORED_LEFT: u32 = 48;
export const LITERAL_SIZES: u32 = 52;
export const DISTANCE_SIZES: u32 = 56;
export const RUN_SIZES: u32 = 60;
/** Sizes read so far. */
export const SIZES_READ: u32 = 64;

/** A byte for each symbol: those of literals and lengths, those of distances behind them. Room for a run beyond the end. */
export const SIZES: u32 = 0x80;
/** Of the code for sizes: its own sizes, and a table by 7 bits. */
export const RUN_CODE_SIZES: u32 = 0x280;
export const RUN_TABLE: u32 = 0x300;
export const OWN_LITERALS: u32 = RUN_TABLE + (4 << 7);
export const OWN_DISTANCES: u32 = OWN_LITERALS + 4 * LITERAL_ENTRIES;
/** Room before INPUT for bytes that were taken in and belong to what follows the stream. */
export const INPUT: u32 = OWN_DISTANCES + 4 * DISTANCE_ENTRIES + 64;
export const INPUT_BYTES: u32 = 32 * 1024;
export const OUTPUT: u32 = INPUT + INPUT_BYTES + 64;
export const WINDOW: u32 = 32 * 1024;
/** A run ends before it writes more; a bit less than 64 KiB with the match that may stand behind it. */
export const RUN_BYTES: u32 = 64 * 1024 - 512;
export const OUT_LIMIT: u32 = OUTPUT + WINDOW + RUN_BYTES;
/** The longest match, and what wide stores write behind it. */
const SLACK: u32 = 258 + 64;
export const ROOM_BYTES: u32 = (OUT_LIMIT + SLACK + 255) & ~255;
