import { describe, expect, it } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import { TableSource } from '../../engine/run/lane/table-source.ts';
import type { SourceSetup } from '../../engine/run/lane/protocol.ts';
import { type Row, source } from './support/definitions.ts';
import { type Item, MemoryConnector } from './support/memory-connector.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const row = (k: number): Row => [k * 1000, `k${k}`, k];

function tableOf(items: Item[], timing: VirtualTiming, settings: { endless?: boolean } = {}): TableSource {
  const definition = { ...source('t'), kind: 'lookup' as const, refreshMs: 60_000 };
  const needed = definition.columns.map((column) => column.name);
  const setup = { definition, needed, share: null } as unknown as SourceSetup;
  return new TableSource(setup, new MemoryConnector({ t: { p: items, q: items } }, settings), timing);
}

describe('a lookup table', () => {
  it('is read to the end of all its partitions', async () => {
    const timing = new VirtualTiming(0);
    const table = tableOf([...Array(11).keys()].map(row), timing);
    const batches = await timing.runUntil(table.load());
    expect(batches.reduce((rows, batch) => rows + batch.rows, 0)).toBe(22);
    expect(table).toMatchObject({ rows: 22, loaded: true, error: null, refreshAt: 60_000 });
  });

  it('is read again when that is due, and keeps its rows when that fails', async () => {
    const timing = new VirtualTiming(0);
    const items: Item[] = [row(1)];
    const table = tableOf(items, timing);
    await timing.runUntil(table.load());
    const seen: (readonly Batch[] | string)[] = [];
    const refresh = async (at: number): Promise<void> => {
      await timing.runTo(at);
      table.refresh(
        timing.now(),
        (batches) => seen.push(batches),
        (error) => seen.push(error),
      );
      await timing.runTo(at + 1000);
    };
    await refresh(59_000);
    expect(seen).toEqual([]);
    items.push(row(2));
    await refresh(61_000);
    expect((seen[0] as readonly Batch[]).map(({ rows }) => rows)).toEqual([2, 2]);
    items[0] = { fail: 'the file has gone' };
    await refresh(140_000);
    expect(seen[1]).toContain('the file has gone');
    expect(table).toMatchObject({ rows: 4, loaded: true });
    expect(table.error).toContain('the file has gone');
  });

  it('has to end', async () => {
    const timing = new VirtualTiming(0);
    const table = tableOf([row(1)], timing, { endless: true });
    await expect(timing.runUntil(table.load())).rejects.toThrow('does not end');
  });
});
