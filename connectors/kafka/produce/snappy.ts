import { BlockWriter, findMatches } from './block-writer.ts';

const blockBytes = 32_768;
/** As Java's library frames it: a name, versions, then blocks with their lengths. */
const frameHead = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);

export function compressSnappy(bytes: Uint8Array): Buffer {
  const out = new BlockWriter(bytes.length + 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  out.copy(frameHead, 0, frameHead.length);
  for (let start = 0; start < bytes.length; start += blockBytes) {
    out.room(4);
    const sizeAt = out.length;
    out.length += 4;
    compressBlock(bytes, view, start, Math.min(start + blockBytes, bytes.length), out);
    out.bytes.writeInt32BE(out.length - sizeAt - 4, sizeAt);
  }
  return out.whole();
}

function compressBlock(bytes: Uint8Array, view: DataView, start: number, end: number, out: BlockWriter): void {
  let size = end - start;
  for (; size > 127; size >>>= 7) out.byte((size & 127) | 128);
  out.byte(size);
  let literals = start;
  findMatches(bytes, view, start, end - 4, end, (at, from, length) => {
    writeLiterals(bytes, literals, at, out);
    for (let left = length; left > 0; ) {
      const copied = Math.min(left, 64);
      out.byte(((copied - 1) << 2) | 2);
      out.byte((at - from) & 255);
      out.byte((at - from) >>> 8);
      left -= copied;
    }
    literals = at + length;
  });
  writeLiterals(bytes, literals, end, out);
}

function writeLiterals(bytes: Uint8Array, start: number, end: number, out: BlockWriter): void {
  const length = end - start;
  if (length === 0) return;
  if (length <= 60) out.byte((length - 1) << 2);
  else if (length <= 256) {
    out.byte(60 << 2);
    out.byte(length - 1);
  } else {
    out.byte(61 << 2);
    out.byte((length - 1) & 255);
    out.byte((length - 1) >>> 8);
  }
  out.copy(bytes, start, end);
}
