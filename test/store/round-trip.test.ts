import { describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { encodeCommit } from '../../engine/store/commit-wire.ts';
import { StoreError } from '../../engine/store/store.ts';
import { buildBatch, buildColumn } from './build-batch.ts';
import { everyType, everyValue } from './every-type.ts';
import { ask, column, eagerMoves, epoch, newFolder, openTestStore, stream, until } from './store-support.ts';

const rows = 5000;
const printAll = `SELECT ${everyType.map(({ name }) => `"${name}"::VARCHAR`).join(', ')} FROM every ORDER BY ts`;

describe('rows that are committed come back', () => {
  it('of every type, with NULLs, hot and from Parquet, over a restart', async () => {
    const directory = await newFolder();
    const limits = { ...eagerMoves, segmentRowsMax: rows, moveRowsMin: rows };
    const store = await openTestStore({ directory, limits: { ...limits, maintenanceEveryMs: 3_600_000 } });
    const definition = stream('every', everyType, { eventTime: 'ts', hotMs: 0 });
    await store.define([definition]);
    const values = Array.from({ length: rows }, (_, row) => everyValue(row));
    await store.commit(
      epoch(1, [
        {
          stream: 'every',
          batch: buildBatch(
            everyType,
            values.map((row) => row.values),
          ),
        },
      ]),
    );
    const expected = values.map((row) => row.printed);
    expect((await ask(store, printAll)).rows).toEqual(expected);
    const types = (await ask(store, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'every'")).rows;
    await store.close();

    const again = await openTestStore({ directory, limits });
    await again.define([definition]);
    await until(async () => (await again.statistics()).parquetFiles === 1);
    expect((await again.statistics()).streams[0]).toMatchObject({ rows, hotRows: 0 });
    expect((await ask(again, printAll)).rows).toEqual(expected);
    expect((await ask(again, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'every'")).rows).toEqual(types);
  });

  it('with HUGEINTs that fit no decimal', async () => {
    const store = await openTestStore({ limits: eagerMoves });
    const columns = [column('h', 'hugeint')];
    await store.define([stream('wide', columns, { hotMs: 0 })]);
    const values = [2n ** 127n - 1n, -(2n ** 127n), 0n];
    await store.commit(
      epoch(1, [
        {
          stream: 'wide',
          batch: buildBatch(
            columns,
            values.map((value) => [value]),
          ),
        },
      ]),
    );
    await until(async () => (await store.statistics()).parquetFiles === 1);
    await store.commit(epoch(2, [{ stream: 'wide', batch: buildBatch(columns, [[7n]]) }]));
    expect((await ask(store, 'SELECT h, typeof(h) FROM wide')).rows).toEqual(
      [...values, 7n].map((value) => [value > 2n ** 53n || value < -(2n ** 53n) ? String(value) : Number(value), 'HUGEINT']),
    );
  });

  it('when a batch is a view into something larger, or shares its buffers', async () => {
    const store = await openTestStore();
    const columns = [column('a', 'double'), column('b', 'double')];
    await store.define([stream('s', columns), stream('t', columns)]);
    const data = new Float64Array(new ArrayBuffer(4096), 64, 3);
    data.set([1, 2, 3]);
    const one = { kind: 'fixed', type: { kind: 'double' }, data, validity: null } as const;
    const own = { ...one, data: Float64Array.of(4, 5, 6) } as const;
    const batch = { rows: 3, columns: [one, own] };
    await store.commit(
      epoch(1, [
        { stream: 's', batch },
        { stream: 't', batch },
      ]),
    );
    expect((await ask(store, 'SELECT sum(a), sum(b) FROM s')).rows).toEqual([[6, 15]]);
    expect((await ask(store, 'SELECT sum(a), sum(b) FROM t')).rows).toEqual([[6, 15]]);
    expect([...data]).toEqual([1, 2, 3]);
  });

  it('and strings keep their codes apart from those the rows do not use', () => {
    const strings = buildColumn({ kind: 'varchar' }, ['a', 'b', null, 'c', 'b']);
    if (strings.kind !== 'string') throw new Error('no strings');
    for (let index = 0; index < 1000; index++) strings.dictionary.intern(`unused ${index}`);
    const { commit } = encodeCommit(epoch(1, [{ stream: 's', batch: { rows: 5, columns: [strings] } }]));
    expect(commit.dictionaries.map((dictionary) => dictionary.offsets.length - 1)).toEqual([3]);
  });
});

describe('a batch that does not fit', () => {
  it('fails its own epoch only, and names the column', async () => {
    const store = await openTestStore();
    const columns = [column('a', 'double'), column('e', { kind: 'enum', values: ['x'] })];
    await store.define([stream('s', columns), stream('d', [columns[0] as ColumnSpec])]);
    const good = () => ({ stream: 's', batch: buildBatch(columns, [[1, 'x']]) });
    const short = () =>
      buildBatch(columns, [
        [1, 'x'],
        [2, 'x'],
      ]);
    const ofLane = (lane: number, appends: Parameters<typeof epoch>[1]) => ({ ...epoch(1, appends), lane });
    const results = await Promise.allSettled([
      store.commit(ofLane(1, [good()])),
      store.commit(ofLane(2, [{ stream: 'd', batch: { rows: 4, columns: short().columns.slice(0, 1) } }])),
      store.commit(ofLane(3, [{ stream: 's', batch: { rows: 1, columns: [...short().columns].reverse() } }])),
      store.commit(ofLane(4, [{ stream: 's', batch: buildBatch(columns, [[1, 'y']]) }])),
      store.commit(ofLane(5, [{ stream: 'unknown', batch: buildBatch(columns, [[1, 'x']]) }])),
      store.commit(ofLane(6, [good()])),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as StoreError] : []));
    expect(reasons.every((reason) => reason instanceof StoreError)).toBe(true);
    expect(reasons.map((reason) => reason.message)).toEqual([
      expect.stringContaining('column d.a is too short for 4 rows'),
      expect.stringContaining('column s.a is of type DOUBLE, but a string column came'),
      expect.stringContaining('"y" is no value of the enum'),
      expect.stringContaining('Stream unknown was not defined'),
    ]);
    expect((await ask(store, 'SELECT count(*) FROM s')).rows).toEqual([[2]]);
  });
});
