import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { codecs, compress } from '../../connectors/kafka/produce/compress.ts';
import { crc32c } from '../../connectors/kafka/produce/crc32c.ts';
import { murmur2, partitionOfKey } from '../../connectors/kafka/produce/murmur2.ts';
import { BatchBuilder, batchHeadBytes, recordBytes, stampBatch } from '../../connectors/kafka/produce/record-batch.ts';
import { positionText, readPositionText } from '../../connectors/kafka/sink/sink-position.ts';

test("murmur2 is that of Java's client", () => {
  // From UtilsTest of Apache Kafka.
  const known: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [text, hash] of known) expect(murmur2(Buffer.from(text))).toBe(hash);
  expect(partitionOfKey(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
  for (let length = 0; length < 40; length++) expect(partitionOfKey(Buffer.alloc(length, 200), 12)).toBeLessThan(12);
});

test('CRC-32C is that of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, byte) => byte))).toBe(0x46dd794e);
  expect(crc32c(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283);
});

/** As the format says, byte by byte. */
function inflateLz4(bytes: Uint8Array): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: number[] = [];
  let at = 7;
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    at += 4;
    const end = at + (size & 0x7fffffff);
    if (size >>> 31 === 1) for (; at < end; at++) out.push(bytes[at] as number);
    while (at < end) {
      const token = bytes[at++] as number;
      let literals = token >> 4;
      if (literals === 15) for (let more = 255; more === 255; literals += more) more = bytes[at++] as number;
      for (; literals > 0; literals--) out.push(bytes[at++] as number);
      if (at >= end) break;
      const back = view.getUint16(at, true);
      at += 2;
      let length = (token & 15) + 4;
      if (length === 19) for (let more = 255; more === 255; length += more) more = bytes[at++] as number;
      for (; length > 0; length--) out.push(out[out.length - back] as number);
    }
  }
  return Buffer.from(out);
}

function inflateSnappy(bytes: Uint8Array): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: number[] = [];
  for (let at = 16; at < bytes.length; ) {
    const end = at + 4 + view.getInt32(at);
    at += 4;
    while ((bytes[at++] as number) > 127);
    while (at < end) {
      const tag = bytes[at++] as number;
      if ((tag & 3) === 0) {
        let length = (tag >> 2) + 1;
        if (length > 60) {
          const extra = length - 60;
          length = 1;
          for (let byte = 0; byte < extra; byte++) length += (bytes[at++] as number) << (8 * byte);
        }
        for (; length > 0; length--) out.push(bytes[at++] as number);
      } else {
        expect(tag & 3).toBe(2);
        const back = view.getUint16(at, true);
        at += 2;
        for (let length = (tag >> 2) + 1; length > 0; length--) out.push(out[out.length - back] as number);
      }
    }
  }
  return Buffer.from(out);
}

const inflate = { none: Buffer.from, gzip: gunzipSync, snappy: inflateSnappy, lz4: inflateLz4, zstd: zstdDecompressSync } as const;

test.each(codecs)('%s gives back what it was given, whatever that was', (codec) => {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lengths = [
    0, 1, 4, 5, 12, 13, 14, 15, 16, 63, 64, 65, 255, 256, 257, 300, 5_000, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 200_000,
  ];
  for (const length of lengths) {
    for (const kinds of [1, 3, 40, 256]) {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length; ) {
        // Stretches that come again, near and far.
        const copied = next() < 0.4 && at > 4 ? Math.floor(next() * Math.min(at, 70_000)) + 1 : 0;
        const run = copied === 0 ? Math.floor(next() * 20) + 1 : Math.floor(next() * 400) + 1;
        for (let index = 0; index < run && at < length; index++, at++)
          bytes[at] = copied === 0 ? Math.floor(next() * kinds) : (bytes[at - copied] as number);
      }
      expect(Buffer.compare(inflate[codec](compress(codec, bytes)), bytes)).toBe(0);
    }
  }
});

test('a batch has the bytes that the format says', () => {
  const builder = new BatchBuilder(8);
  const record = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 1000, headers: [['h', null]] as const };
  const tombstone = { key: Buffer.from('k'), value: null, timestamp: 990 };
  builder.append(record);
  builder.append(tombstone);
  expect(builder.count).toBe(2);
  expect(recordBytes(record)).toBeGreaterThanOrEqual(12);
  const batch = builder.finish('none');
  expect(builder.length).toBe(batchHeadBytes);
  stampBatch(batch, { producerId: 77n, producerEpoch: 3 }, 12, true);
  const records = '16000000026b0276020268010e001302026b0100';
  expect(batch.readInt32BE(8)).toBe(batch.length - 12);
  expect([batch[16], batch.readInt16BE(21), batch.readInt32BE(23)]).toEqual([2, 16, 1]);
  expect([batch.readBigInt64BE(27), batch.readBigInt64BE(35), batch.readBigInt64BE(43)]).toEqual([1000n, 1000n, 77n]);
  expect([batch.readInt16BE(51), batch.readInt32BE(53), batch.readInt32BE(57)]).toEqual([3, 12, 2]);
  expect(batch.readUInt32BE(17)).toBe(crc32c(batch, 21));
  expect(batch.subarray(batchHeadBytes).toString('hex')).toBe(records);
});

test('a position is read as it was written, and nothing else is taken for one', () => {
  const position = {
    identity: 'aB-_9',
    epochs: new Map([
      ['0', 1],
      ['12', 2 ** 40],
    ]),
  };
  expect(readPositionText(positionText(position))).toEqual(position);
  const none = { identity: 'x', epochs: new Map<string, number>() };
  expect(readPositionText(positionText(none))).toEqual(none);
  for (const text of [null, '', 'some metadata', 'a|b', 'a|0=', 'a|=1']) expect(readPositionText(text)).toBeNull();
});
