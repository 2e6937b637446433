/**
 * 32-bit hash of a target's key: FNV-1a over its UTF-16 units, then MurmurHash3's finalizer, for
 * FNV alone leaves the high bits of short similar keys alike. The same in every process and
 * version: lanes and phases are derived from it, with different seeds so that the one says nothing
 * about the other.
 */
export function hashKey(key: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
