import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { ConnectorError, type OpenContext, type Polled } from '../../connectors/connector.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { fileConnector } from '../../connectors/file/file.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { batchRows, column, drain, openContext, readAll } from './open-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-parquet-'));
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let made = 0;

async function save(select: string, options = ''): Promise<string> {
  const name = `file${++made}.parquet`;
  await connection.run(`COPY (${select}) TO '${join(directory, name)}' (FORMAT parquet${options})`);
  return name;
}

function context(path: string, specs: readonly ColumnSpec[], options: OptionValues = {}, more: Partial<OpenContext> = {}): OpenContext {
  return openContext(specs, { directory, options: { path, ...options }, ...more });
}

async function failure(path: string, specs: readonly ColumnSpec[], options: OptionValues = {}): Promise<ConnectorError> {
  const outcome = await readAll(fileConnector, context(path, specs, options)).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ConnectorError);
  return outcome as ConnectorError;
}

const varchar: DataType = { kind: 'varchar' };

describe('Parquet', () => {
  it('gives every type in its physical form', async () => {
    const path = await save(`SELECT * FROM (VALUES
      (true, 1::TINYINT, -2::INTEGER, 9007199254740993::BIGINT, 1.5::FLOAT, 2.5::DOUBLE, 1.25::DECIMAL(4,2), 123456.789::DECIMAL(18,3), -1::DECIMAL(38,0),
       'short', 'a string of more than twelve bytes', '\\x00\\xFF'::BLOB, DATE '1970-01-02', TIME '00:00:01', TIMESTAMP '1970-01-01 00:00:01', TIMESTAMP_NS '1970-01-01 00:00:00.000000001',
       UUID '00000000-0000-0000-0000-000000000001', ['a', NULL, 'a string of more than twelve bytes'], MAP {'k': 1, 'l': NULL}, {'x': 1, 'y': ['z']}),
      (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
      t(bo, ti, i, bi, fl, d, d4, d18, d38, s, l, bl, da, tm, ts, tn, u, li, ma, st)`);
    const specs = [
      column('bo', 'boolean'),
      column('ti', 'tinyint'),
      column('i', 'integer'),
      column('bi', 'bigint'),
      column('fl', 'float'),
      column('d', 'double'),
      column('d4', { kind: 'decimal', width: 4, scale: 2 }),
      column('d18', { kind: 'decimal', width: 18, scale: 3 }),
      column('d38', { kind: 'decimal', width: 38, scale: 0 }),
      column('s', 'varchar'),
      column('l', 'varchar'),
      column('bl', 'blob'),
      column('da', 'date'),
      column('tm', 'time'),
      column('ts', 'timestamp'),
      column('tn', 'timestamp_ns'),
      column('u', 'uuid'),
      column('li', { kind: 'list', child: varchar }),
      column('ma', { kind: 'map', key: varchar, value: { kind: 'integer' } }),
      column('st', {
        kind: 'struct',
        fields: [
          { name: 'x', type: { kind: 'integer' } },
          { name: 'y', type: { kind: 'list', child: varchar } },
        ],
      }),
    ];
    const { rows } = await readAll(fileConnector, context(path, specs));
    const allOnes = 2n ** 64n - 1n;
    expect(rows).toEqual([
      [
        1,
        1,
        -2,
        9007199254740993n,
        1.5,
        2.5,
        125,
        123456789n,
        [allOnes, allOnes],
        'short',
        'a string of more than twelve bytes',
        '00ff',
        1,
        1000000n,
        1000000n,
        1n,
        [1n, 1n << 63n],
        ['a', null, 'a string of more than twelve bytes'],
        [
          ['k', 1],
          ['l', null],
        ],
        { x: 1, y: ['z'] },
      ],
      Array(20).fill(null),
    ]);
  });

  it('fills the arrays of released batches again, and no others', async () => {
    const path = await save(`SELECT i::INTEGER AS i, 'n' || (i % 50) AS s, [i, i + 1] AS li FROM range(60000) t(i)`);
    const specs = [column('i', 'integer'), column('s', 'varchar'), column('li', { kind: 'list', child: { kind: 'bigint' } })];
    const reader = await fileConnector.open(context(path, specs));
    const rows: unknown[][] = [];
    const buffers = new Set<unknown>();
    const kept: { polled: Polled; rows: unknown[][] }[] = [];
    for (let poll = 0; ; poll++) {
      const polled = await reader.poll();
      if (!('batch' in polled)) break;
      const now = batchRows(polled);
      rows.push(...now);
      const [first] = polled.batch.columns;
      buffers.add(first?.kind === 'fixed' ? first.data.buffer : null);
      if (poll % 3 === 0) kept.push({ polled, rows: now });
      else polled.release?.();
    }
    await reader.close();
    expect(rows).toEqual((await readAll(fileConnector, context(path, specs))).rows);
    for (const { polled, rows: before } of kept) expect(batchRows(polled)).toEqual(before);
    expect(buffers.size).toBeLessThan(kept.length + 3);
  });

  it('agrees with DuckDB over many rows, NULLs and row groups', async () => {
    const path = await save(
      `SELECT i::INTEGER AS i, CASE WHEN hash(i) % 7 = 0 THEN NULL ELSE (hash(i) % 1000)::VARCHAR END AS s,
       CASE WHEN hash(i, 1) % 5 = 0 THEN NULL ELSE 'series number ' || (hash(i, 2) % 300) END AS l,
       CASE WHEN hash(i, 3) % 3 = 0 THEN NULL ELSE list_transform(range((hash(i, 4) % 4)::INT), lambda k: (k + i)::BIGINT) END AS li,
       sqrt(i) AS d FROM range(50000) t(i) ORDER BY i`,
      ', ROW_GROUP_SIZE 10001',
    );
    const specs = [
      column('i', 'integer', false),
      column('s', 'varchar'),
      column('l', 'varchar'),
      column('li', { kind: 'list', child: { kind: 'bigint' } }),
      column('d', 'double'),
    ];
    const { rows, polls } = await readAll(fileConnector, context(path, specs));
    const expected = (await connection.runAndReadAll(`SELECT * FROM '${join(directory, path)}' ORDER BY i`)).getRowsJS();
    expect(rows.length).toBe(50000);
    expect(rows).toEqual(expected);
    expect(Math.max(...polls.map(({ batch }) => batch.rows))).toBeLessThanOrEqual(8192);
    for (const [index, polled] of polls.entries()) {
      if (index % 3 !== 0) continue;
      const reader = await fileConnector.open(context(path, specs, {}, { positions: new Map([['files', polled.to]]), needed: [0, 2] }));
      const rest = await drain(reader);
      await reader.close();
      expect(rest.rows).toEqual(
        polls
          .slice(index + 1)
          .flatMap(batchRows)
          .map((row) => [row[0], row[2]]),
      );
    }
  });

  it('widens without loss, and converts numbers to timestamps only when told', async () => {
    const path = await save(
      "SELECT 1::INTEGER AS i, 1.5::FLOAT AS f, 1700000000123::BIGINT AS ms, -1::BIGINT AS ns, TIMESTAMP_MS '2024-01-01' AS tm, TIMESTAMPTZ '2024-01-01 00:00:00Z' AS tz",
    );
    const day = 1704067200000000n;
    const specs = [column('i', 'bigint'), column('f', 'double'), column('tm', 'timestamp'), column('tz', 'timestamp')];
    expect((await readAll(fileConnector, context(path, specs))).rows).toEqual([[1n, 1.5, day, day]]);
    const stamps = [column('ms', 'timestamp'), column('i', 'timestamp')];
    expect((await readAll(fileConnector, context(path, stamps, { timestamp_unit: 'ms' }))).rows).toEqual([[1700000000123000n, 1000n]]);
    expect((await readAll(fileConnector, context(path, [column('ns', 'timestamp')], { timestamp_unit: 'ns' }))).rows).toEqual([[-1n]]);
    const refused = await failure(path, stamps);
    expect(refused.message).toBe(`${path} column ms is BIGINT, which does not convert to the declared TIMESTAMP without loss`);
    expect(refused.hint).toBe('say what the number counts: timestamp_unit = s, ms, us, ns or min');
    expect((await failure(path, [column('f', 'integer')])).message).toContain(
      'column f is FLOAT, which does not convert to the declared INTEGER',
    );
    expect((await failure(path, [column('ms', 'double')])).message).toContain('column ms is BIGINT');
    expect((await failure(path, [column('nothing', 'double')])).message).toBe(`${path} has no column nothing`);
  });

  it('rejects rows without a value where one is declared, whether the column is read or not', async () => {
    const path = await save("SELECT i::INTEGER AS i, CASE WHEN i % 2000 = 3 THEN NULL ELSE 'x' END AS s FROM range(5000) t(i)");
    const specs = [column('i', 'integer'), column('s', 'varchar', false)];
    for (const needed of [[0, 1], [0], []]) {
      const run = await readAll(fileConnector, context(path, specs, {}, { needed }));
      expect(run.rows.length).toBe(4997);
      expect(run.rejected.map(({ reason, at }) => `${at}: ${reason}`)).toEqual(
        [4, 2004, 4004].map((row) => `${path}: row ${row}: s is NULL but declared NOT NULL`),
      );
      if (needed.length === 2) expect(new TextDecoder().decode(run.rejected[0]!.bytes)).toBe('{"i":3,"s":null}');
    }
  });

  it('that is no Parquet, or only part of it, is refused', async () => {
    writeFileSync(join(directory, 'text.parquet'), 'this is text, not Parquet');
    expect((await failure('text.parquet', [column('a', 'double')])).message).toMatch(/^text.parquet cannot be read as Parquet/);
    const path = await save('SELECT range AS a FROM range(10000)');
    truncateSync(join(directory, path), 5000);
    expect((await failure(path, [column('a', 'bigint')])).message).toContain(`${path} cannot be read as Parquet`);
    writeFileSync(join(directory, "it's [1].parquet"), '');
    expect((await failure("it's [1].parquet", [column('a', 'bigint')])).message).toContain("it's [1].parquet cannot be read as Parquet");
  });

  it('with a strange name is read', async () => {
    await connection.run(`COPY (SELECT 5 AS a) TO '${join(directory, "it''s [ok]*.parquet")}' (FORMAT parquet)`);
    expect((await readAll(fileConnector, context("it's [ok]*.parquet", [column('a', 'integer')]))).rows).toEqual([[5]]);
  });
});

const recorded = resolve(import.meta.dirname, '../../../shared/data');
describe.skipIf(!existsSync(recorded))('recorded data (skipped where ../shared/data is absent)', () => {
  for (const [file, names] of [
    ['det_smd', 'machine varchar, t bigint, c00 double, c05 double'],
    ['det_nab', 'series varchar, ts timestamp, value double, window_id tinyint'],
  ] as const) {
    it(`${file} is what DuckDB reads`, async () => {
      const specs = names
        .split(', ')
        .map((one) => one.split(' '))
        .map(([name, kind]) => column(name!, kind as DataType['kind']));
      const { rows } = await readAll(fileConnector, context(join(recorded, `${file}.parquet`), specs));
      const list = specs
        .map(({ name, type }) => (type.kind === 'timestamp' ? `epoch_us(${name})` : type.kind === 'bigint' ? `${name}::BIGINT` : name))
        .join(', ');
      const expected = (await connection.runAndReadAll(`SELECT ${list} FROM '${join(recorded, `${file}.parquet`)}'`)).getRows();
      expect(rows.length).toBe(expected.length);
      const wrong = rows.findIndex((row, index) => row.some((value, at) => !Object.is(value, expected[index]![at])));
      expect(wrong).toBe(-1);
    });
  }
});
