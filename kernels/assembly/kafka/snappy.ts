/** Snappy, plain and in xerial's framing, which Kafka's Java producers write. Buffers have `copySlack` bytes behind them. */
import { copyMatch, copyWild } from "./copy";
import { doesNotFit, isCorrupt } from "./lz4";

const framedHeaderBytes: u32 = 16;
/** Bytes 82 53 4e 41 50 50 59 00 ("SNAPPY"), little endian. */
const framedMagic: u64 = 0x00595050414e5382;

/** Bytes written into [to, to + capacity), `doesNotFit` or `isCorrupt`. */
export function decompressSnappy(from: usize, length: u32, to: usize, capacity: u32): i32 {
  if (length < framedHeaderBytes || load<u64>(from) != framedMagic) return decompressBlock(from, from + length, to, to + capacity);
  const end = from + length;
  const limit = to + capacity;
  let at = from + framedHeaderBytes;
  let out = to;
  while (at < end) {
    if (at + 4 > end) return isCorrupt;
    const bytes = bswap<u32>(load<u32>(at));
    at += 4;
    if (bytes > <u32>(end - at)) return isCorrupt;
    const written = decompressBlock(at, at + bytes, out, limit);
    if (written < 0) return written;
    out += <usize>written;
    at += bytes;
  }
  return <i32>(out - to);
}

function decompressBlock(from: usize, end: usize, to: usize, limit: usize): i32 {
  let at = from;
  let size: u32 = 0;
  for (let shift: u32 = 0; ; shift += 7) {
    if (at >= end || shift > 28) return isCorrupt;
    const byte = <u32>load<u8>(at++);
    size |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  if (size > <u32>(limit - to)) return doesNotFit;
  const blockEnd = to + size;
  let out = to;
  while (at < end) {
    const tag = <u32>load<u8>(at++);
    let length: u32;
    if ((tag & 3) == 0) {
      length = tag >>> 2;
      if (length >= 60) {
        const bytes = length - 59;
        if (bytes > <u32>(end - at)) return isCorrupt;
        length = load<u32>(at) & (0xffffffff >>> (32 - (bytes << 3)));
        at += bytes;
      }
      // 2^32 - 1 literals would come out as none.
      if (length >= <u32>(end - at) || length >= <u32>(blockEnd - out)) return isCorrupt;
      length++;
      copyWild(out, at, length);
      at += length;
    } else {
      let distance: usize;
      if ((tag & 3) == 1) {
        if (at + 1 > end) return isCorrupt;
        length = ((tag >>> 2) & 7) + 4;
        distance = (<usize>(tag >>> 5) << 8) | <usize>load<u8>(at++);
      } else {
        length = (tag >>> 2) + 1;
        const bytes: usize = (tag & 3) == 2 ? 2 : 4;
        if (at + bytes > end) return isCorrupt;
        distance = bytes == 2 ? <usize>load<u16>(at) : <usize>load<u32>(at);
        at += bytes;
      }
      if (distance == 0 || distance > out - to || length > <u32>(blockEnd - out)) return isCorrupt;
      copyMatch(out, distance, length);
    }
    out += length;
  }
  return out == blockEnd ? <i32>size : isCorrupt;
}
