import { createRecordsBatch } from '@platformatic/kafka';
import { beforeAll, describe, expect, it } from 'vitest';
import { DecoderModule } from '../../connectors/formats/decoder-module.ts';
import { checksFlag, type RecordExports, RecordWalk } from '../../connectors/kafka/records/record-walk.ts';
import { recordProgram } from './support/record-program.ts';

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
}
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const batchBytesMax = 1 << 20;
const setBytesMax = 4 << 20;

/** Numbers of [0, below), the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
}

function randomMessages(random: (below: number) => number, count: number): Message[] {
  const bytes = (most: number): Buffer | null => {
    if (random(8) === 0) return null;
    const pattern = random(3);
    return Buffer.from(
      Array.from({ length: random(most) }, (_, index) => (pattern === 0 ? random(256) : pattern === 1 ? 65 : 97 + (index % 7))),
    );
  };
  return Array.from({ length: count }, () => ({ key: bytes(40), value: bytes(600), timestamp: 1_700_000_000_000 + random(1e6) - 5e5 }));
}

function batchOf(messages: readonly Message[], compression: (typeof codecs)[number], base: number): Buffer {
  const input = messages.map(({ key, value, timestamp }) => ({ topic: 't', key, value, timestamp: BigInt(timestamp) }));
  const batch = Buffer.from(createRecordsBatch(input as never, { compression } as never).buffer);
  batch.writeBigInt64BE(BigInt(base), 0);
  return batch;
}

describe('the walk through record batches', () => {
  let module: DecoderModule<RecordExports>;
  let walk: RecordWalk;
  let address = 0;
  beforeAll(async () => {
    module = DecoderModule.open(await recordProgram(), 'test', 64 << 20);
    walk = new RecordWalk(module, batchBytesMax);
    address = module.allocate(setBytesMax);
  });

  const begin = (set: Buffer, from = 0, flags = checksFlag) => {
    module.bytes.set(set, address);
    walk.begin(address, set.length, from, flags, 0, 0);
  };
  const messageAt = (row: number): Message & { offset: number } => {
    const { words, longs, bytes } = module;
    const { spans } = walk;
    const span = (addresses: number, lengths: number) => {
      const length = (words[lengths / 4 + row] as number) | 0;
      const at = words[addresses / 4 + row] as number;
      if (at + length > bytes.length) throw new Error('a span lies outside of the memory');
      return length < 0 ? null : Buffer.from(bytes.slice(at, at + length));
    };
    return {
      key: span(spans.keys, spans.keyLengths),
      value: span(spans.values, spans.valueLengths),
      timestamp: Number(longs[spans.timestamps / 8 + row]),
      offset: Number(longs[spans.offsets / 8 + row]),
    };
  };

  it('finds every record of every codec, however many are asked for at once', () => {
    const random = randomOf(7);
    for (let round = 0; round < 40; round++) {
      const expected: (Message & { offset: number })[] = [];
      const batches: Buffer[] = [];
      for (let count = 1 + random(6), base = random(1000); count > 0; count--) {
        const messages = randomMessages(random, 1 + random(300));
        batches.push(batchOf(messages, codecs[random(5)] as (typeof codecs)[number], base));
        expected.push(...messages.map((message, index) => ({ ...message, offset: base + index })));
        base += messages.length + random(3);
      }
      const from = round % 2 === 0 ? 0 : (expected[random(expected.length)] as { offset: number }).offset;
      // The last batch is cut off: brokers do that.
      const set = Buffer.concat([...batches, (batches[0] as Buffer).subarray(0, random(60))]);
      begin(set, from);
      const found: (Message & { offset: number })[] = [];
      const most = [8192, 100, 17][round % 3] as number;
      for (let done = false; !done; ) {
        const walked = walk.walk(most);
        expect(walked.fault).toBeNull();
        for (let row = 0; row < walked.rows; row++) found.push(messageAt(row));
        done = walked.done;
      }
      expect(found).toEqual(expected.filter(({ offset }) => offset >= from));
      expect(walk.reach(address, set.length)?.offset).toBe((expected.at(-1) as { offset: number }).offset + 1);
      expect(walk.next).toBe((expected.at(-1) as { offset: number }).offset + 1);
    }
  });

  it('never goes astray in bytes that are damaged', () => {
    const random = randomOf(11);
    const faults = new Map<string, number>();
    for (let round = 0; round < 3_000; round++) {
      const set = Buffer.concat(
        [0, 1].map((index) => batchOf(randomMessages(random, 20), codecs[random(5)] as (typeof codecs)[number], index * 20)),
      );
      for (let flips = 1 + random(4); flips > 0; flips--) set[random(set.length)] = random(256);
      begin(set, 0, round % 4 === 0 ? checksFlag : 0);
      for (let steps = 0, done = false; !done; steps++) {
        expect(steps).toBeLessThan(100);
        const walked = walk.walk(8192);
        for (let row = 0; row < walked.rows; row++) messageAt(row);
        done = walked.done;
        if (walked.fault === null) continue;
        faults.set(walked.fault, (faults.get(walked.fault) ?? 0) + 1);
        walk.skipFaulty();
      }
    }
    expect(faults.get('bad checksum')).toBeGreaterThan(100);
    expect(faults.get('damaged')).toBeGreaterThan(100);
  }, 120_000);

  it.each(codecs)('passes over a batch that is too large when decompressed: %s', (codec) => {
    const bomb = Array.from({ length: 20 }, () => ({ key: null, value: Buffer.alloc(200_000, 65), timestamp: 1_700_000_000_000 }));
    const after = randomMessages(randomOf(3), 5);
    const large = batchOf(bomb, codec, 0);
    if (large.length > setBytesMax / 2) return;
    begin(Buffer.concat([large, batchOf(after, 'none', 20)]));
    expect(walk.walk(8192)).toMatchObject({ rows: 0, fault: 'too large' });
    expect(walk.skipFaulty()).toMatchObject({ first: 0, reach: 20 });
    expect(walk.walk(8192)).toMatchObject({ rows: 5, done: true });
    expect(module.exports.memory.buffer.byteLength).toBeLessThan(32 << 20);
  });
});
