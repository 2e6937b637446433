/** A power of two: with 26 labels, two meet on a slot by chance in every other line. */
const SLOT_COUNT = 512;

/**
 * Memory of the duplicate check: each label name falls on a slot by its length and three of its
 * bytes, and leaves the line's stamp there. Only a name that finds the stamp is looked for among
 * the names before it, so a line costs one pass, and nothing is cleared between lines. Names are
 * looked for by their hashes, made once a line and only when needed: 250 names of 4 KB that differ
 * in their middle would take 100 ms to compare.
 */
export class DuplicateSlots {
  readonly slots = new Uint32Array(SLOT_COUNT);
  stamp = 0;
  readonly hashes: Uint32Array;
  /** Labels of this line whose hashes are made. */
  hashed = 0;

  constructor(maxLabels: number) {
    this.hashes = new Uint32Array(maxLabels);
  }
}
