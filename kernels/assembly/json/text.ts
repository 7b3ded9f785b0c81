/** Strings of JSON as the UTF-8 that they stand for. */
import { allocate, release } from "../memory";
import { expectPairs, halfPair, hasEscapes, hexFour, skipString, skipValue } from "./scan";

const scratchBytesMin: u32 = 1024;
/** 16 bytes may be read past the text. */
const scratchSlack: u32 = 16;

/** The text read last: in the input, or in a buffer that the next call fills again. */
export let textAddress: usize = 0;
export let textLength: u32 = 0;

let scratch: usize = 0;
let scratchBytes: u32 = 0;

/** `from` stands after the opening quote; the result after the closing one; 0 also for half of a surrogate pair, which has no UTF-8. */
export function readText(from: usize, end: usize): usize {
  expectPairs();
  const after = skipString(from, end);
  if (after == 0 || halfPair) return 0;
  textAddress = from;
  textLength = <u32>(after - 1 - from);
  if (hasEscapes) unescape(from, after - 1);
  return after;
}

/** Any value, as written. */
export function readWritten(from: usize, end: usize): usize {
  expectPairs();
  const after = skipValue(from, end);
  if (after == 0 || halfPair) return 0;
  textAddress = from;
  textLength = <u32>(after - from);
  return after;
}

/** Of a string that has been stepped over. Half of a surrogate pair becomes U+FFFD. */
export function unescape(from: usize, to: usize): void {
  const needed = <u32>(to - from) + scratchSlack;
  if (needed > scratchBytes) {
    if (scratchBytes != 0) release(scratch, scratchBytes);
    scratchBytes = max<u32>(scratchBytesMin, needed * 2);
    scratch = allocate(scratchBytes);
  }
  let p = from;
  let out = scratch;
  while (p < to) {
    const byte = load<u8>(p);
    if (byte != 92) {
      store<u8>(out, byte);
      out++;
      p++;
      continue;
    }
    const letter = load<u8>(p, 1);
    if (letter != 117) {
      store<u8>(out, escaped(letter));
      out++;
      p += 2;
      continue;
    }
    let point = hexFour(p + 2);
    p += 6;
    if ((point & 0xf800) == 0xd800) {
      const low = point < 0xdc00 && p + 6 <= to && load<u8>(p) == 92 && load<u8>(p, 1) == 117 ? hexFour(p + 2) : -1;
      if ((low & 0xfffffc00) == 0xdc00) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        p += 6;
      } else point = 0xfffd;
    }
    out = storePoint(out, point);
  }
  textAddress = scratch;
  textLength = <u32>(out - scratch);
}

// @ts-ignore: decorator
@inline
function escaped(letter: u8): u8 {
  switch (letter) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return letter;
  }
}

function storePoint(at: usize, point: i32): usize {
  if (point < 0x80) {
    store<u8>(at, <u8>point);
    return at + 1;
  }
  if (point < 0x800) {
    store<u8>(at, <u8>(0xc0 | (point >> 6)));
    store<u8>(at, <u8>(0x80 | (point & 63)), 1);
    return at + 2;
  }
  if (point < 0x10000) {
    store<u8>(at, <u8>(0xe0 | (point >> 12)));
    store<u8>(at, <u8>(0x80 | ((point >> 6) & 63)), 1);
    store<u8>(at, <u8>(0x80 | (point & 63)), 2);
    return at + 3;
  }
  store<u8>(at, <u8>(0xf0 | (point >> 18)));
  store<u8>(at, <u8>(0x80 | ((point >> 12) & 63)), 1);
  store<u8>(at, <u8>(0x80 | ((point >> 6) & 63)), 2);
  store<u8>(at, <u8>(0x80 | (point & 63)), 3);
  return at + 4;
}
