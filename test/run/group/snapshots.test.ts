import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LaneState } from '../../../engine/run/group/lane-state.ts';
import { GroupSnapshots } from '../../../engine/run/group/group-snapshots.ts';
import type { ReplayRange } from '../../../engine/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-snapshots-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const nothing = { partitions: [], ranges: [], queries: [], counters: [] };

function range(partition: string, from: number, micros: number | null): ReplayRange {
  const within = micros === null ? null : BigInt(micros);
  return { source: 's', partition, from, to: from + 10, maxEventTimeBefore: null, maxEventTimeWithin: within };
}

function query(oldest: number | null) {
  return {
    id: 'q',
    watermark: oldest === null ? null : BigInt(oldest),
    oldestOpenStart: oldest === null ? null : BigInt(oldest),
    sources: ['s'],
  };
}

describe('what a lane goes on from', () => {
  it('holds the stretches that open windows need, in the order of reading, and no others', () => {
    const state = new LaneState(nothing);
    state.apply({ ...nothing, ranges: [range('0', 0, 100), range('1', 0, 300)], queries: [query(50)] });
    state.apply({
      ...nothing,
      ranges: [range('0', 10, 200)],
      queries: [query(150)],
      counters: [{ kind: 'source', name: 's', counter: 'rows', value: 3 }],
    });
    expect(state.recovery().ranges.map(({ partition, from }) => [partition, from])).toEqual([
      ['1', 0],
      ['0', 10],
    ]);
    const again = new LaneState(state.recovery());
    expect(again.recovery()).toEqual(state.recovery());
    again.apply({ ...nothing, counters: [{ kind: 'source', name: 's', counter: 'rows', value: 9 }] });
    expect(again.recovery().counters).toEqual([{ kind: 'source', name: 's', counter: 'rows', value: 9 }]);
    again.keepQueries(new Set());
    expect(again.recovery().queries).toEqual([]);
  });

  it('merges neighbours when there are too many', () => {
    const state = new LaneState(nothing);
    const ranges = Array.from({ length: 700 }, (_, index) => range('0', index * 10, 1_000 + index));
    state.apply({ ...nothing, ranges, queries: [query(0)] });
    const kept = state.recovery().ranges;
    expect(kept.length).toBe(350);
    expect([kept[0]?.from, kept[0]?.to, kept.at(-1)?.to]).toEqual([0, 20, 7_000]);
  });

  it('is written once under a name of its own, and only orphans that are old are removed', async () => {
    const snapshots = await GroupSnapshots.open(folder, 'g');
    const document = { group: 'g', lane: 1, lanes: 4, epoch: 7, state: { ...nothing, queries: [query(5)] } };
    const names = [await snapshots.write(document), await snapshots.write(document), await snapshots.write({ ...document, lane: 11 })];
    expect(new Set(names).size).toBe(3);
    expect(await snapshots.read(names[0] as string, 1, 4)).toMatchObject(document);
    await expect(snapshots.read(names[0] as string, 2, 4)).rejects.toThrow('is of lane 1 of 4');
    await expect(snapshots.read('lane-1-9-none.snapshot', 1, 4)).rejects.toThrow('cannot be read');
    for (const name of names) utimesSync(join(folder, 'g', name), 0, 0);
    await snapshots.write({ ...document, epoch: 8 });
    await snapshots.collect(1, [names[0] as string], 60_000);
    const left = readdirSync(join(folder, 'g'));
    expect(left).toContain(names[0]);
    expect(left).not.toContain(names[1]);
    expect(left).toContain(names[2]);
    expect(left.some((name) => name.startsWith('lane-1-8-'))).toBe(true);
  });

  it('has a copy of the pointer, and is kept in folders and buckets only', async () => {
    const snapshots = await GroupSnapshots.open(folder, 'h');
    expect(await snapshots.pointer(0)).toBeNull();
    await snapshots.writePointer(0, { epoch: 3, name: 'x' });
    await snapshots.writePointer(0, { epoch: 4, name: 'y' });
    expect(await snapshots.pointer(0)).toEqual({ epoch: 4, name: 'y' });
    await expect(GroupSnapshots.open('gs://bucket/folder', 'g')).rejects.toThrow('gs://bucket/folder is neither a folder nor a bucket');
  });
});
