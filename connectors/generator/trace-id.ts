import { writeHex } from './columns.ts';
import { draw } from './hash.ts';

/** Identifier of a trace (32 hexadecimal digits) from its hash and number; distinct for every trace of a seed. */
export function writeTraceId(bytes: Uint8Array, at: number, hash: number, high: number, low: number): void {
  writeHex(bytes, at, draw(hash, 900));
  writeHex(bytes, at + 8, hash);
  writeHex(bytes, at + 16, draw(high, 901));
  writeHex(bytes, at + 24, draw(low, 902));
}
