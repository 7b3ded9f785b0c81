/** Copies of decompressors: sixteen bytes at a time, past the end where that does no harm. */

/** Bytes behind a buffer that may be read and written besides. */
export const copySlack: u32 = 64;

/** Buffers do not overlap; up to 15 bytes behind `to + length` are overwritten. */
// @ts-ignore: decorator
@inline
export function copyWild(to: usize, from: usize, length: u32): void {
  const end = to + length;
  while (to < end) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
}

/** Repeats what was written `distance` bytes before; up to 15 bytes behind are overwritten. */
// @ts-ignore: decorator
@inline
export function copyMatch(to: usize, distance: usize, length: u32): void {
  const end = to + length;
  let from = to - distance;
  if (distance >= 16) {
    while (to < end) {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
    }
    return;
  }
  // The pattern doubles with each copy until it is sixteen bytes wide.
  while (to - from < 16 && to < end) {
    const width = to - from;
    for (let index: usize = 0; index < width; index++) store<u8>(to + index, load<u8>(from + index));
    to += width;
  }
  while (to < end) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
}
