import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { OptionValues } from '../../connectors/options.ts';
import type { SinkConnector, SinkWriter } from '../../connectors/sink.ts';
import { buildBatch } from '../store/build-batch.ts';

export interface SinkUnderTest {
  readonly sink: SinkConnector;
  readonly options: OptionValues;
  /** A place of its own for each test. */
  readonly directory: () => Promise<string>;
  /** Rows that anybody can see there now, as `n` and, of a changelog, the operation; in any order. */
  readonly seen: (directory: string) => Promise<readonly (readonly [n: number, operation: string | null])[]>;
}

const columns: readonly ColumnSpec[] = [
  { name: 'n', type: { kind: 'bigint' }, nullable: false },
  { name: 'text', type: { kind: 'varchar' }, nullable: true },
];

function batchOf(numbers: readonly number[], weights?: readonly number[]): Batch {
  const batch = buildBatch(
    columns,
    numbers.map((n) => [BigInt(n), n % 5 === 0 ? null : `number ${n}`]),
  );
  return weights === undefined ? batch : { ...batch, weights: Int32Array.from(weights) };
}

/** What the engine relies on, whatever a sink writes to. */
export function sinkConformance(name: string, { sink, options, directory, seen }: SinkUnderTest): void {
  const open = (place: string, committed: Record<string, number>, changes = false): Promise<SinkWriter> =>
    sink.open({
      sink: 'out',
      columns,
      options,
      changes,
      key: null,
      directory: place,
      folder: join(place, 'spool'),
      tell: () => undefined,
      clock: { now: Date.now },
      committed: new Map(Object.entries(committed)),
    });
  const numbersSeen = async (place: string) => (await seen(place)).map(([n]) => n).sort((a, b) => a - b);
  const epoch = (number: number, writer = '0') => ({ writer, number });

  test(`${name}: rows of committed epochs are there once it is closed, each once`, async () => {
    const place = await directory();
    const writer = await open(place, {});
    for (let number = 1; number <= 3; number++) {
      await writer.write(epoch(number), batchOf([number * 10, number * 10 + 1]));
      await writer.write(epoch(number), batchOf([number * 10 + 2]));
      await writer.prepare(epoch(number));
      await writer.commit(epoch(number));
      await writer.maintain();
    }
    await writer.close();
    expect(await numbersSeen(place)).toEqual([10, 11, 12, 20, 21, 22, 30, 31, 32]);
    expect(writer.counts().rows).toBe(9);
  });

  test(`${name}: what is not committed is not to be seen, and comes again after a crash`, async () => {
    const place = await directory();
    const crashed = await open(place, {});
    await crashed.write(epoch(1), batchOf([1]));
    await crashed.prepare(epoch(1));
    await crashed.commit(epoch(1));
    await crashed.write(epoch(2), batchOf([2]));
    await crashed.prepare(epoch(2));
    await crashed.write(epoch(3), batchOf([3]));
    expect((await numbersSeen(place)).filter((n) => n > 1)).toEqual([]);
    // It lives on in this process: what it has under way would stand in the way of the next.
    await vi.waitUntil(() => (crashed.counts().waitingRows ?? 0) === 0, { timeout: 20_000 });
    const again = await open(place, { 0: 1 });
    await again.write(epoch(2), batchOf([2, 3]));
    await again.prepare(epoch(2));
    await again.commit(epoch(2));
    await again.close();
    expect(await numbersSeen(place)).toEqual([1, 2, 3]);
  });

  test(`${name}: what the store has committed is kept, though the sink was not told`, async () => {
    const place = await directory();
    const crashed = await open(place, {});
    for (const writer of ['0', '1']) {
      await crashed.write(epoch(7, writer), batchOf([7, 8 + Number(writer)]));
      await crashed.prepare(epoch(7, writer));
    }
    const again = await open(place, { 0: 7, 1: 6 });
    await again.close();
    expect(await numbersSeen(place)).toEqual([7, 8]);
  });

  test(`${name}: an epoch may be prepared again`, async () => {
    const place = await directory();
    const writer = await open(place, {});
    await writer.write(epoch(1), batchOf([1, 2]));
    await writer.prepare(epoch(1));
    await writer.prepare(epoch(1)).catch(() => undefined);
    await writer.commit(epoch(1));
    await writer.close();
    expect(await numbersSeen(place)).toEqual([1, 2]);
  });

  test(`${name}: the next epoch may be written before the last is committed; no rows at all are none`, async () => {
    const place = await directory();
    const writer = await open(place, {});
    await writer.write(epoch(1), batchOf([1]));
    await writer.prepare(epoch(1));
    await writer.write(epoch(2), batchOf([2]));
    await writer.commit(epoch(1));
    await writer.prepare(epoch(2));
    await writer.commit(epoch(2));
    await writer.write(epoch(3), batchOf([]));
    await writer.prepare(epoch(3));
    await writer.commit(epoch(3));
    await writer.close();
    await writer.close();
    expect(await numbersSeen(place)).toEqual([1, 2]);
  });

  if (!sink.takesChanges) return;
  test(`${name}: a changelog says what came and what went, as often as it did`, async () => {
    const place = await directory();
    const writer = await open(place, {}, true);
    await writer.write(epoch(1), batchOf([1, 2]));
    await writer.write(epoch(1), batchOf([1, 3], [-1, 2]));
    await writer.prepare(epoch(1));
    await writer.commit(epoch(1));
    await writer.close();
    const log = (await seen(place)).map(([n, operation]) => `${operation} ${n}`).sort();
    expect(log).toEqual(['delete 1', 'insert 1', 'insert 2', 'insert 3', 'insert 3']);
  });
}
