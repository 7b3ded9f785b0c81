import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { buildBatch } from './build-batch.ts';
import { everyType, everyValue } from './every-type.ts';
import { ask, epoch, newFolder, openTestStore, stream } from './store-support.ts';

const rows = 5000;

async function openEveryType() {
  const store = await openTestStore();
  await store.define([stream('every', everyType)]);
  await store.commit(
    epoch(1, [
      {
        stream: 'every',
        batch: buildBatch(
          everyType,
          Array.from({ length: rows }, (_, row) => everyValue(row).values),
        ),
      },
    ]),
  );
  return store;
}

async function readBack(bytes: Uint8Array, name: string, sql: (path: string) => string): Promise<unknown[][]> {
  const path = join(await newFolder(), name);
  await writeFile(path, bytes);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const reader = await connection.runAndReadAll(sql(path));
  return reader.getRowsJson() as unknown[][];
}

describe('exports', () => {
  it('as Arrow are read by apache-arrow, every type and NULL', async () => {
    const store = await openEveryType();
    const table = tableFromIPC(await store.export({ sql: 'FROM every ORDER BY ts', rowsMax: rows, timeoutMs: 30_000 }, 'arrow'));
    expect(table.numRows).toBe(rows);
    expect(table.schema.fields.map((field) => field.name)).toEqual(everyType.map(({ name }) => name));
    const printed = (await ask(store, `SELECT ${everyType.map(({ name }) => `"${name}"::VARCHAR`).join(', ')} FROM every ORDER BY ts`))
      .rows;
    everyType.forEach(({ name }, index) => {
      const vector = table.getChildAt(index);
      for (let row = 0; row < rows; row += 7)
        expect([name, row, vector?.get(row) === null]).toEqual([name, row, printed[row]?.[index] === null]);
    });
    for (const name of [
      'integer',
      'bigint',
      'ubigint',
      'uinteger',
      'double',
      'varchar',
      'hugeint',
      'uhugeint',
      'uuid',
      'interval',
      'enum',
      'json',
      'boolean',
    ]) {
      const index = everyType.findIndex((column) => column.name === name);
      expect([...(table.getChild(name) ?? [])].map((value) => (value === null ? null : String(value)))).toEqual(
        printed.map((row) => row[index]),
      );
    }
    const at = (name: string, row: number): unknown => table.getChild(name)?.get(row);
    expect(at('decimal18', 0)?.toString()).toBe('123456789012345678');
    expect([at('timestamp_ms', 3), at('ts', 0)]).toEqual([1_700_000_000_001, 1_700_000_000_000]);
    expect(JSON.stringify(at('list', 1))).toBe(JSON.stringify(['x', null, 'a text well beyond twelve bytes, Zürich 1']));
    expect(JSON.stringify(at('map', 1))).toBe(JSON.stringify({ k: 1.5, 'a text well beyond twelve bytes, Zürich 1': null }));
  });

  it('as Arrow hold nested values that DuckDB has reordered, and no rows at all', async () => {
    const store = await openTestStore();
    const sql =
      "SELECT i, [i, NULL, i + 1] l, {'a': [i::VARCHAR], 'b': i} s, MAP {i::VARCHAR: [true]} m FROM range(3000) r(i) WHERE i % 3 = 0 ORDER BY i % 7, i DESC";
    const table = tableFromIPC(await store.export({ sql, rowsMax: 500, timeoutMs: 30_000 }, 'arrow'));
    expect(table.numRows).toBe(500);
    for (const row of table) {
      const i = Number(row.i);
      expect([...row.l].map((value) => (value === null ? null : Number(value)))).toEqual([i, null, i + 1]);
      expect([[...row.s.a], Number(row.s.b)]).toEqual([[String(i)], i]);
      expect(JSON.stringify(row.m)).toBe(JSON.stringify({ [i]: [true] }));
    }
    const empty = tableFromIPC(await store.export({ sql: 'SELECT 1 AS x WHERE false', rowsMax: 5, timeoutMs: 5000 }, 'arrow'));
    expect([empty.numRows, empty.schema.fields[0]?.name]).toEqual([0, 'x']);
  });

  it('as Parquet and CSV are read by DuckDB, in order', async () => {
    const store = await openEveryType();
    const request = {
      sql: 'SELECT ts, bigint, varchar, double, decimal38, timestamptz, list FROM every ORDER BY ts DESC; -- newest',
      rowsMax: 1000,
      timeoutMs: 30_000,
    };
    const { rows: expected } = await ask(
      store,
      `SELECT COLUMNS(*)::VARCHAR FROM (SELECT ts, bigint, varchar, double, decimal38, timestamptz, list FROM every ORDER BY ts DESC LIMIT 1000)`,
    );
    expect(
      await readBack(await store.export(request, 'parquet'), 'x.parquet', (path) => `SELECT COLUMNS(*)::VARCHAR FROM '${path}'`),
    ).toEqual(expected);
    const csv = await store.export(request, 'csv');
    const text = await readBack(
      csv,
      'x.csv',
      (path) => `FROM read_csv('${path}', header = true, all_varchar = true, nullstr = '', allow_quoted_nulls = false)`,
    );
    expect(text).toEqual(expected);
    expect(new TextDecoder().decode(csv).split('\n')[0]).toBe('ts,bigint,varchar,double,decimal38,timestamptz,list');
  });

  it('as CSV quote what must be quoted', async () => {
    const store = await openTestStore();
    const sql = `SELECT 'a,b' AS "x,y", 'say "hi"' AS q, E'two\\nlines' AS l, '' AS e, NULL AS n`;
    const csv = new TextDecoder().decode(await store.export({ sql, rowsMax: 5, timeoutMs: 5000 }, 'csv'));
    expect(csv).toBe('"x,y",q,l,e,n\n"a,b","say ""hi""","two\nlines","",\n');
  });

  it('as JSON are the result of a query', async () => {
    const store = await openTestStore();
    const json = JSON.parse(
      new TextDecoder().decode(await store.export({ sql: 'SELECT 2^53::BIGINT AS x', rowsMax: 5, timeoutMs: 5000 }, 'json')),
    );
    expect(json).toMatchObject({ columns: [{ name: 'x' }], truncated: false });
  });
});
