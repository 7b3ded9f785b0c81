import { afterAll, describe, expect, it } from 'vitest';
import { fuzzJson } from './json-fuzz-run.ts';
import { compiler } from './support.ts';

const messages = 20_000;
const memoryBytesMax = 64 << 20;

afterAll(() => compiler.close());

describe('JSON, fuzzed', () => {
  it('agrees with JSON.parse and the rules of columns', { timeout: 120_000 }, async () => {
    const seed = Date.now() % 2 ** 32;
    const counts = await fuzzJson(messages, seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    expect(counts.messages).toBe(messages);
    expect(counts.taken).toBeGreaterThan(messages / 4);
    expect(counts.rejected).toBeGreaterThan(messages / 4);
    expect(counts.memoryBytes).toBeLessThan(memoryBytesMax);
  });
});
