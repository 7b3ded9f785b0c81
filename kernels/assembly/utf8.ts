/** Whether [from, end) is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. May read 15 bytes further. */
export function isUtf8(from: usize, end: usize): bool {
  let p = from;
  while (p < end) {
    const high = <u32>i8x16.bitmask(v128.load(p));
    if (high == 0) {
      p += 16;
      continue;
    }
    p += ctz<u32>(high);
    if (p >= end) return true;
    const length = sequenceLength(p);
    if (length == 0 || p + length > end) return false;
    p += length;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function follows(at: usize, offset: usize): bool {
  return (load<u8>(at + offset) & 0xc0) == 0x80;
}

/** Bytes of the sequence that begins with the byte at `p`, which is none of ASCII; 0: malformed. */
function sequenceLength(p: usize): usize {
  const lead = load<u8>(p);
  const second = load<u8>(p, 1);
  if (lead < 0xc2 || lead > 0xf4 || (second & 0xc0) != 0x80) return 0;
  if (lead < 0xe0) return 2;
  if (!follows(p, 2)) return 0;
  if (lead < 0xf0) {
    if (lead == 0xe0) return second >= 0xa0 ? 3 : 0;
    return lead == 0xed && second >= 0xa0 ? 0 : 3;
  }
  if (!follows(p, 3)) return 0;
  if (lead == 0xf0) return second >= 0x90 ? 4 : 0;
  return lead == 0xf4 && second >= 0x90 ? 0 : 4;
}
