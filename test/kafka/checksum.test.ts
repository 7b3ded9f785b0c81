import { expect, test } from 'vitest';
import { crc32c } from '../../connectors/kafka/produce/crc32c.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

const source = `
import { allocate, limitMemory } from "./kernels/memory";
export { crc32c, startCrc32c } from "./kernels/kafka/crc32c";
export function room(bytes: u32): usize { limitMemory(1024); return allocate(bytes); }
`;

interface Exports {
  readonly memory: WebAssembly.Memory;
  startCrc32c(): void;
  room(bytes: number): number;
  crc32c(address: number, length: number): number;
}

/** Shorter and longer than what is folded, around the sizes of a block, of what is left after folding, and of a chunk. */
const lengths = [0, 1, 15, 16, 17, 3_344, 8_191, 8_192, 8_193, 8_207, 8_208, 11_535, 11_536, 11_537, 19_728, 19_729, 65_536, 300_001];

test('the module computes the checksum that the producer computes, of any length and place', async () => {
  const kernel = await compileKernel<Exports>(source);
  kernel.startCrc32c();
  const bytesMax = 400_000;
  const address = kernel.room(bytesMax) >>> 0;
  const bytes = new Uint8Array(kernel.memory.buffer, address, bytesMax);
  let state = 1;
  for (let at = 0; at < bytesMax; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 24;
  }
  for (const length of lengths) {
    for (const from of [0, 1, 7, 16, 61]) {
      const expected = crc32c(bytes.subarray(from, from + length)) >>> 0;
      expect(kernel.crc32c(address + from, length) >>> 0, `${length} bytes from ${from}`).toBe(expected);
    }
  }
});
