import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { OpenedStore } from '../../engine/store/open-store.ts';
import type { StoreNotice } from '../../engine/store/stream-registry.ts';
import { buildBatch } from './build-batch.ts';
import { ask, column, eagerMoves, epoch, newFolder, openTestStore, stream, until } from './store-support.ts';

const columns = [column('ts', 'timestamp'), column('x', 'integer')];
const hour = 3_600_000_000n;
const day0 = 1_700_000_000_000_000n;

function add(store: OpenedStore, name: string, specs: readonly ColumnSpec[], rows: readonly (readonly unknown[])[]): Promise<void> {
  return store.commit(epoch(1, [{ stream: name, batch: buildBatch(specs, rows) }]));
}

describe('a move to Parquet', () => {
  it('takes only what is older than hotMs, whole segments, sorted by event time, several to a file', async () => {
    const store = await openTestStore({ limits: { ...eagerMoves, segmentRowsMax: 2, moveRowsMin: 6, maintenanceEveryMs: 30 } });
    await store.define([stream('s', columns, { eventTime: 'ts', hotMs: 2 * 3_600_000 })]);
    for (const [index, hours] of [
      [0, 1n],
      [1, 0n],
      [2, 2n],
      [3, 9n],
      [4, 10n],
    ] as const) {
      await add(
        store,
        's',
        columns,
        [
          [day0 + hours * hour + 1n, index],
          [day0 + hours * hour, index],
        ].slice(0, 2),
      );
    }
    await until(async () => (await store.statistics()).parquetFiles === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await store.statistics()).toMatchObject({
      rowsStored: 10,
      parquetFiles: 1,
      streams: [{ name: 's', rows: 10, hotRows: 4, parquetFiles: 1 }],
    });
    const [file] = (await ask(store, 'SELECT row_count, min_time_us, max_time_us FROM engine.files')).rows;
    expect(file).toEqual([6, Number(day0), Number(day0 + 2n * hour + 1n)]);
    expect((await ask(store, 'SELECT x FROM s')).rows.flat().slice(0, 6)).toEqual([1, 1, 0, 0, 2, 2]);
  });

  it('shows readers each row exactly once while it goes on', async () => {
    const store = await openTestStore({ limits: { ...eagerMoves, segmentRowsMax: 200, maintenanceEveryMs: 5 } });
    await store.define([stream('s', [column('n', 'bigint')], { hotMs: 0 })]);
    let committed = 0;
    let done = false;
    const write = (async () => {
      for (let number = 0; number < 60; number++) {
        const rows = Array.from({ length: 100 }, (_, row) => [BigInt(committed + row)]);
        await store.commit(epoch(number, [{ stream: 's', batch: buildBatch([column('n', 'bigint')], rows) }]));
        committed += 100;
      }
      done = true;
    })();
    let reads = 0;
    while (!done) {
      const before = committed;
      const [row] = (await ask(store, 'SELECT count(*), count(DISTINCT n), coalesce(max(n) + 1, 0) FROM s')).rows;
      expect(new Set(row).size).toBe(1);
      expect(Number(row?.[0])).toBeGreaterThanOrEqual(before);
      reads++;
    }
    await write;
    expect(reads).toBeGreaterThan(0);
    await until(async () => (await store.statistics()).parquetFiles > 3);
    expect((await ask(store, 'SELECT count(*), count(DISTINCT n) FROM s')).rows).toEqual([[6000, 6000]]);
  });
});

describe('retention', () => {
  it('drops what is older, counts it, and lets no row from the future drop the rest', async () => {
    const store = await openTestStore({ limits: { ...eagerMoves, segmentRowsMax: 1, maintenanceEveryMs: 20 } });
    await store.define([stream('s', columns, { eventTime: 'ts', hotMs: 0, retentionMs: 3_600_000 })]);
    await add(store, 's', columns, [
      [day0, 1],
      [null, 0],
    ]);
    await until(async () => (await store.statistics()).parquetFiles === 1);
    await add(store, 's', columns, [[day0 + hour / 2n, 2]]);
    await add(store, 's', columns, [[day0 + hour + hour / 4n, 3]]);
    await until(async () => (await store.statistics()).streams[0]?.rowsDropped === 2);
    expect((await ask(store, 'SELECT x FROM s ORDER BY x')).rows).toEqual([[2], [3]]);
    const now = BigInt(Date.now()) * 1000n;
    await add(store, 's', columns, [[now, 4]]);
    await add(store, 's', columns, [[now + 1000n * 24n * hour, 5]]);
    await until(async () => (await store.statistics()).streams[0]?.rowsDropped === 4);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await ask(store, 'SELECT x FROM s ORDER BY x')).rows).toEqual([[4], [5]]);
    const files = await readdir(join(store.directory, 'parquet'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile()).length).toBe((await store.statistics()).parquetFiles);
  });
});

describe('a stream whose columns change', () => {
  async function change(
    before: readonly ColumnSpec[],
    row: readonly unknown[],
    after: readonly ColumnSpec[],
    later: readonly unknown[],
    moved: boolean,
  ) {
    const directory = join(await newFolder(), 'data');
    const notices: StoreNotice[] = [];
    const first = await openTestStore({ directory, limits: eagerMoves });
    await first.define([stream('s', before, { hotMs: moved ? 0 : 1e9 })]);
    await add(first, 's', before, [row]);
    if (moved) await until(async () => (await first.statistics()).parquetFiles === 1);
    await first.close();
    const store = await openTestStore({ directory, limits: { maintenanceEveryMs: 1e6 }, onNotice: (notice) => notices.push(notice) });
    await store.define([stream('s', after, { hotMs: 1e9 })]);
    await add(store, 's', after, [later]);
    return { store, notices };
  }

  it('keeps all rows in one view where the types fit, hot or in Parquet', async () => {
    for (const moved of [false, true]) {
      const { store, notices } = await change(
        [column('a', 'integer'), column('gone', 'varchar')],
        [1, 'old'],
        [column('new', 'double'), column('a', 'hugeint')],
        [0.5, 2n],
        moved,
      );
      const { rows, columns: names } = await ask(store, 'FROM s ORDER BY a');
      expect(names).toEqual([
        { name: 'new', type: 'DOUBLE' },
        { name: 'a', type: 'HUGEINT' },
        { name: 'gone', type: 'VARCHAR' },
      ]);
      expect(rows).toEqual([
        [null, 1, 'old'],
        [0.5, 2, null],
      ]);
      expect(notices).toEqual([]);
      await store.close();
    }
  });

  it('keeps the earlier rows under a name of their own where they do not, and says so', async () => {
    for (const moved of [false, true]) {
      const { store, notices } = await change(
        [column('a', 'integer')],
        [1],
        [column('a', { kind: 'list', child: { kind: 'integer' } })],
        [[2]],
        moved,
      );
      const name = `s__until_${new Date().toISOString().slice(0, 10).replaceAll('-', '_')}`;
      expect((await ask(store, 'FROM s')).rows).toEqual([['[2]']]);
      expect((await ask(store, `FROM ${name}`)).rows).toEqual([[1]]);
      expect(notices).toEqual([
        {
          level: 'warning',
          stream: 's',
          text: `Columns of s changed (a was INTEGER, is now INTEGER[]): its earlier rows are kept as "${name}"`,
        },
      ]);
      await store.define([stream('s', [column('a', 'timestamp')])]);
      expect((await ask(store, `FROM ${name}_2`)).rows).toEqual([['[2]']]);
      await store.close();
    }
  });

  it('may have any name, and is there when its query no longer runs', async () => {
    const directory = join(await newFolder(), 'data');
    const names = ['select', 'With "quotes"', "o'clock", 'über/straße', 'a.b', 'segment', 'main'];
    const store = await openTestStore({ directory, limits: eagerMoves });
    await store.define(names.map((name) => stream(name, [column('Order', 'integer'), column('a "b"', 'integer')], { hotMs: 0 })));
    for (const name of names) await add(store, name, [column('Order', 'integer'), column('a "b"', 'integer')], [[1, 2]]);
    await until(async () => (await store.statistics()).parquetFiles === names.length);
    await store.close();
    const again = await openTestStore({ directory });
    for (const name of names)
      expect((await ask(again, `SELECT "Order", "a ""b""" FROM "${name.replaceAll('"', '""')}"`)).rows).toEqual([[1, 2]]);
  });
});
