/**
 * Repeats `length` bytes from `distance` before `to`. Writes up to 31 bytes more; what lies `distance` before is text all the same, since
 * bytes are read before they are written over.
 */
// @ts-ignore: decorator
@inline
export function copyMatch(to: u32, distance: u32, length: u32): void {
  const end = to + length;
  if (distance >= 16) {
    let from = to - distance;
    do {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    } while (to < end);
  } else if (distance == 1) {
    const bytes = i8x16.splat(load<u8>(to - 1));
    do {
      v128.store(to, bytes);
      to += 16;
    } while (to < end);
  } else {
    // What repeats is `distance` bytes long, then twice that, and so on up to a whole store.
    const from = to - distance;
    let period = distance;
    while (period < 16 && to < end) {
      v128.store(to, v128.load(from));
      to += period;
      period += period;
    }
    while (to < end) {
      v128.store(to, v128.load(to - period));
      to += 16;
    }
  }
}
