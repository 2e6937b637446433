import { COUNTS, SORTED } from "./memory";

/**
 * Sizes in bits of a code for `symbols` symbols, from their frequencies (u32 at `frequencies`) to bytes at `sizes`. No size is
 * over `most`. Two symbols at least get a code: with fewer some readers take it for broken.
 */
export function sizesOf(frequencies: u32, symbols: u32, most: u32, sizes: u32): void {
  memory.fill(sizes, 0, symbols);
  const used = sortUsed(frequencies, symbols);
  optimalDepths(used);
  memory.fill(COUNTS, 0, 4 * 33);
  for (let at: u32 = 0; at < used; at++) {
    const count = COUNTS + (min<u32>(load<u32>(SORTED + (at << 3)), most) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  shorten(most);
  // The most frequent last: they get the shortest codes.
  let at = used;
  for (let size: u32 = 1; size <= most; size++) {
    let count = load<u32>(COUNTS + (size << 2));
    while (count > 0) {
      at--;
      store<u8>(sizes + load<u32>(SORTED + (at << 3), 4), size);
      count--;
    }
  }
}

/** Pairs (frequency, symbol) of what occurs, by frequency, to SORTED. */
function sortUsed(frequencies: u32, symbols: u32): u32 {
  let used: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(frequencies + (symbol << 2));
    if (frequency > 0) {
      insert(used, frequency, symbol);
      used++;
    }
  }
  for (let symbol: u32 = 0; used < 2; symbol++) {
    if (load<u32>(frequencies + (symbol << 2)) == 0) {
      insert(used, 1, symbol);
      used++;
    }
  }
  return used;
}

function insert(used: u32, frequency: u32, symbol: u32): void {
  let at = SORTED + (used << 3);
  while (at > SORTED && load<u32>(at - 8) > frequency) {
    store<u64>(at, load<u64>(at - 8));
    at -= 8;
  }
  store<u32>(at, frequency);
  store<u32>(at, symbol, 4);
}

// @ts-ignore: decorator
@inline
function weight(at: u32): u32 {
  return load<u32>(SORTED + (at << 3));
}

// @ts-ignore: decorator
@inline
function setWeight(at: u32, value: u32): void {
  store<u32>(SORTED + (at << 3), value);
}

/**
 * Replaces the frequencies by the depths of an optimal tree, in place (Moffat and Katajainen, "In-place calculation of
 * minimum-redundancy codes", 1995): first each inner node's parent, then its depth, then those of the leaves.
 */
function optimalDepths(used: u32): void {
  const last = used - 1;
  let leaf: u32 = 0;
  let root: u32 = 0;
  for (let node: u32 = 0; node < last; node++) {
    let sum: u32 = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf > last || (root < node && weight(root) < weight(leaf))) {
        sum += weight(root);
        setWeight(root, node);
        root++;
      } else {
        sum += weight(leaf);
        leaf++;
      }
    }
    setWeight(node, sum);
  }
  setWeight(last - 1, 0);
  for (let node: i32 = last - 2; node >= 0; node--) setWeight(node, weight(weight(node)) + 1);
  let places: u32 = 1;
  let depth: u32 = 0;
  let inner: i32 = last - 1;
  let next: i32 = last;
  while (places > 0) {
    let nodes: u32 = 0;
    while (inner >= 0 && weight(inner) == depth) {
      nodes++;
      inner--;
    }
    while (places > nodes) {
      setWeight(next, depth);
      next--;
      places--;
    }
    places = 2 * nodes;
    depth++;
  }
}

/** Codes cut off at the longest size take more than there is: makes others longer until all fit. */
function shorten(most: u32): void {
  let taken: u32 = 0;
  for (let size: u32 = 1; size <= most; size++) {
    taken += load<u32>(COUNTS + (size << 2)) << (most - size);
  }
  while (taken > (<u32>1) << most) {
    let size = most - 1;
    while (load<u32>(COUNTS + (size << 2)) == 0) size--;
    // One leaf there becomes an inner node for itself and for one of the longest.
    addCount(size, -1);
    addCount(size + 1, 2);
    addCount(most, -1);
    taken--;
  }
}

function addCount(size: u32, value: i32): void {
  const at = COUNTS + (size << 2);
  store<u32>(at, load<u32>(at) + value);
}

/** Codes of `symbols` symbols of these sizes to `codes` (u32): the code, first bit lowest, and its size in the top byte. */
export function codesOf(sizes: u32, symbols: u32, codes: u32): void {
  memory.fill(COUNTS, 0, 4 * 17);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const size = load<u8>(sizes + symbol);
    if (size > 0) addCount(size, 1);
  }
  let next: u32 = 0;
  let before: u32 = 0;
  for (let size: u32 = 1; size <= 15; size++) {
    const count = load<u32>(COUNTS + (size << 2));
    next = (next + before) << 1;
    before = count;
    store<u32>(COUNTS + (size << 2), next);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const size: u32 = load<u8>(sizes + symbol);
    if (size > 0) {
      const code = load<u32>(COUNTS + (size << 2));
      addCount(size, 1);
      store<u32>(codes + (symbol << 2), reversed(code, size) | (size << 24));
    }
  }
}

function reversed(code: u32, size: u32): u32 {
  let result: u32 = 0;
  for (let bit: u32 = 0; bit < size; bit++) {
    result = (result << 1) | ((code >> bit) & 1);
  }
  return result;
}
