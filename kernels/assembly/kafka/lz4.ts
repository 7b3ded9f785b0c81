/** LZ4 frames, as Kafka's producers write them. Buffers have `copySlack` bytes behind them that may be read and written. */
import { copyMatch, copyWild } from "./copy";

const magic: u32 = 0x184d2204;
/** What a decompressor answers instead of a length. */
export const doesNotFit: i32 = -1;
export const isCorrupt: i32 = -2;

/** Decompresses one frame or several into [to, to + capacity): bytes written, `doesNotFit` or `isCorrupt`. */
export function decompressLz4(from: usize, length: u32, to: usize, capacity: u32): i32 {
  const end = from + length;
  const limit = to + capacity;
  let at = from;
  let out = to;
  while (at < end) {
    if (at + 7 > end || load<u32>(at) != magic) return isCorrupt;
    const flags = load<u8>(at, 4);
    if (flags >>> 6 != 1 || (flags & 1) != 0) return isCorrupt;
    // Content size, if given, and the header's checksum: Kafka once wrote a wrong one, so nobody checks it.
    at += 7 + ((flags & 8) != 0 ? 8 : 0);
    const independent = (flags & 32) != 0;
    const frame = out;
    while (true) {
      if (at + 4 > end) return isCorrupt;
      const size = load<u32>(at);
      at += 4;
      if (size == 0) break;
      const bytes = size & 0x7fffffff;
      if (bytes > <u32>(end - at)) return isCorrupt;
      if (size >>> 31 != 0) {
        if (bytes > <u32>(limit - out)) return doesNotFit;
        memory.copy(out, at, bytes);
        out += bytes;
      } else {
        const written = decompressBlock(at, at + bytes, out, limit, independent ? out : frame);
        if (written < 0) return written;
        out += <usize>written;
      }
      at += bytes + ((flags & 16) != 0 ? 4 : 0);
    }
    if ((flags & 4) != 0) at += 4;
    if (at > end) return isCorrupt;
  }
  return <i32>(out - to);
}

/** `first`: matches reach back to here. */
function decompressBlock(from: usize, end: usize, to: usize, limit: usize, first: usize): i32 {
  let at = from;
  let out = to;
  while (at < end) {
    const token = <u32>load<u8>(at++);
    let literals = token >>> 4;
    if (literals == 15) {
      let more: u32 = 255;
      while (more == 255) {
        if (at >= end || literals > 0x40000000) return isCorrupt;
        more = load<u8>(at++);
        literals += more;
      }
    }
    if (literals > <u32>(end - at)) return isCorrupt;
    if (literals > <u32>(limit - out)) return doesNotFit;
    copyWild(out, at, literals);
    out += literals;
    at += literals;
    if (at == end) break;
    if (at + 2 > end) return isCorrupt;
    const distance = <usize>load<u16>(at);
    at += 2;
    let match = token & 15;
    if (match == 15) {
      let more: u32 = 255;
      while (more == 255) {
        if (at >= end || match > 0x40000000) return isCorrupt;
        more = load<u8>(at++);
        match += more;
      }
    }
    match += 4;
    if (distance == 0 || distance > out - first) return isCorrupt;
    if (match > <u32>(limit - out)) return doesNotFit;
    copyMatch(out, distance, match);
    out += match;
  }
  return <i32>(out - to);
}
