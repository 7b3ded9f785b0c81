import { BlockWriter, findMatches } from './block-writer.ts';

const blockBytes = 65_536;
/** Magic number, flags (independent blocks, no checksums), blocks of 64 KiB, and the checksum of these. */
const frameHead = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
const storedFlag = 0x80000000;
/** The format wants the last bytes of a block as they are. */
const lastLiterals = 5;
const lastMatchStart = 12;

/** An LZ4 frame. */
export function compressLz4(bytes: Uint8Array): Buffer {
  const out = new BlockWriter(bytes.length + 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  out.copy(frameHead, 0, frameHead.length);
  for (let start = 0; start < bytes.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, bytes.length);
    out.room(4);
    const sizeAt = out.length;
    out.length += 4;
    compressBlock(bytes, view, start, end, out);
    let size = out.length - sizeAt - 4;
    if (size >= end - start) {
      out.length = sizeAt + 4;
      out.copy(bytes, start, end);
      size = (end - start + storedFlag) >>> 0;
    }
    out.bytes.writeUInt32LE(size, sizeAt);
  }
  out.room(4);
  out.bytes.writeUInt32LE(0, out.length);
  out.length += 4;
  return out.whole();
}

function compressBlock(bytes: Uint8Array, view: DataView, start: number, end: number, out: BlockWriter): void {
  let literals = start;
  findMatches(bytes, view, start, end - lastMatchStart, end - lastLiterals, (at, from, length) => {
    writeToken(out, at - literals, length - 4);
    out.copy(bytes, literals, at);
    out.byte((at - from) & 255);
    out.byte((at - from) >>> 8);
    if (length - 4 >= 15) writeLength(out, length - 4 - 15);
    literals = at + length;
  });
  writeToken(out, end - literals, 0);
  out.copy(bytes, literals, end);
}

function writeToken(out: BlockWriter, literals: number, match: number): void {
  out.byte((Math.min(literals, 15) << 4) | Math.min(match, 15));
  if (literals >= 15) writeLength(out, literals - 15);
}

function writeLength(out: BlockWriter, rest: number): void {
  let left = rest;
  for (; left >= 255; left -= 255) out.byte(255);
  out.byte(left);
}
