// The records of a target's table as classes over addresses: a field is one load or store at a
// fixed offset. kernel-records.ts names the few that TypeScript reads; a test compares both.
//
// The first block of a table begins with its header. Records follow, one behind the other, in
// further blocks too. Hash buckets have blocks of their own, which the header lists.

export const COMMENT: u32 = 1;
export const TYPE: u32 = 2;
export const DROPPED: u32 = 3;
export const NOT_A_NUMBER: u32 = 4;
export const INFO_SAMPLE: u32 = 5;
export const SINGLE: u32 = 6;
export const SUM: u32 = 7;
export const COUNT: u32 = 8;
export const NAME: u32 = 9;
export const SLOT: u32 = 10;

/** `seen` of a record that `compact` has moved: `bucketNext` is its address in the new table. */
export const MOVED: u32 = 0xffff;

/** The header. Its `next` lies where a line's does, so that a page begins as it goes on. */
@unmanaged
export class Table {
  reserved: u64;
  /** First record of the page. */
  next: u32;
  /** Records of every kind. */
  records: u32;
  bucketMask: u32;
  /** Next free byte, and the end of its block. */
  free: u32;
  freeEnd: u32;
  /** All blocks of the table, as a list. */
  blockList: u32;
  blocks: u32;
  /** Number of the scrape at work. */
  scrape: u32;
  /** Info states given out. */
  infoStates: u32;
  maxBlocks: u32;
  /** Records of lines that were written, those of no use any more included. */
  lines: u32;
}

/** The header ends with the addresses of the blocks that hold the buckets. */
export const BUCKET_BLOCKS: u32 = 64;
export const MAX_BUCKET_BLOCKS: u32 = 256;
export const HEADER_BYTES: u32 = BUCKET_BLOCKS + 4 * MAX_BUCKET_BLOCKS;

/** What is known of one line. TYPE, INFO_SAMPLE and lines with a text have more fields. */
@unmanaged
export class LineRecord {
  /** Of the line's key: all of a comment, else everything before the value. */
  hash: u64;
  /** The line that followed this one on the last page. */
  next: u32;
  /** The next record of the same bucket. */
  bucketNext: u32;
  /** Record of the sample name; slot of a TYPE. */
  name: u32;
  keyBytes: u16;
  kind: u8;
  /** DROPPED: counter. TYPE: type. With a text: 1 where the point carries no status field. */
  extra: u8;
  /** Low bits of the scrape that met it last. */
  seen: u16;
  /** Info state in which the line meant this. */
  info: u16;
}

/** A sample that makes a point, or half of one. */
@unmanaged
export class TextRecord extends LineRecord {
  /** The record whose text this one is a delta of; 0: stored whole. */
  base: u32;
  textBytes: u16;
  /** Bytes with which the text begins as its base does. */
  headBytes: u16;
  /** Deltas between this text and one that is stored whole. */
  hops: u8;
}

/** SUM or COUNT. */
@unmanaged
export class HalfRecord extends TextRecord {
  otherHalf: u32;
  seriesKeyBytes: u16;
}

/** INFO_SAMPLE. */
@unmanaged
export class InfoRecord extends LineRecord {
  /** Info state after the line; 0: none yet. */
  after: u32;
}

/** TYPE. The family's name follows. */
@unmanaged
export class TypeRecord extends LineRecord {
  familyBytes: u16;
}

/** NAME: a sample name, with the declarations that decide its role and the types they had. */
@unmanaged
export class NameRecord {
  hash: u64;
  slotA: u32;
  bucketNext: u32;
  slotB: u32;
  reserved: u16;
  kind: u8;
  /** 1: a declaration came that this record does not know of. */
  dead: u8;
  seen: u16;
  reserved2: u16;
  slotC: u32;
  typeA: u8;
  typeB: u8;
  typeC: u8;
  reserved3: u8;
}

/** SLOT: a family, and what the page at work declared it to be. */
@unmanaged
export class SlotRecord {
  hash: u64;
  /** Scrape of the declaration: in another one it says nothing. */
  scrape: u32;
  bucketNext: u32;
  type: u32;
  reserved: u16;
  kind: u8;
  reserved2: u8;
  seen: u16;
  reserved3: u16;
}

// @ts-ignore: decorator
@inline
export function tableAt(address: u32): Table {
  return changetype<Table>(address);
}

// @ts-ignore: decorator
@inline
export function lineAt(address: u32): LineRecord {
  return changetype<LineRecord>(address);
}

// @ts-ignore: decorator
@inline
export function textAt(address: u32): TextRecord {
  return changetype<TextRecord>(address);
}

// @ts-ignore: decorator
@inline
export function halfAt(address: u32): HalfRecord {
  return changetype<HalfRecord>(address);
}

// @ts-ignore: decorator
@inline
export function infoAt(address: u32): InfoRecord {
  return changetype<InfoRecord>(address);
}

// @ts-ignore: decorator
@inline
export function typeAt(address: u32): TypeRecord {
  return changetype<TypeRecord>(address);
}

// @ts-ignore: decorator
@inline
export function nameAt(address: u32): NameRecord {
  return changetype<NameRecord>(address);
}

// @ts-ignore: decorator
@inline
export function slotAt(address: u32): SlotRecord {
  return changetype<SlotRecord>(address);
}

/** Where the steps of a text begin, which text.as draws. */
export const SINGLE_STEPS: u32 = offsetof<TextRecord>();
export const HALF_STEPS: u32 = offsetof<HalfRecord>();

/** Where the steps of a record's text begin. */
// @ts-ignore: decorator
@inline
export function stepsOf(kind: u32): u32 {
  return kind == SINGLE ? SINGLE_STEPS : HALF_STEPS;
}
