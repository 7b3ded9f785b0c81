import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpenedStore } from '../../engine/store/open-store.ts';
import { SqlError } from '../../engine/store/store.ts';
import { buildBatch } from './build-batch.ts';
import { ask, column, eagerMoves, epoch, openTestStore, stream, until } from './store-support.ts';

const columns = [column('ts', 'timestamp'), column('host', 'varchar'), column('value', 'double')];

async function openWithRows(): Promise<OpenedStore> {
  const store = await openTestStore({ limits: { ...eagerMoves, maintenanceEveryMs: 20 } });
  await store.define([stream('cpu', columns, { hotMs: 0, eventTime: 'ts' }), stream('cpu__late', columns)]);
  const rows = Array.from({ length: 10 }, (_, row) => [1_700_000_000_000_000n + BigInt(row), `host ${row}`, row / 2]);
  await store.commit(epoch(1, [{ stream: 'cpu', batch: buildBatch(columns, rows) }]));
  await until(async () => (await store.statistics()).parquetFiles === 1);
  return store;
}

async function failure(store: OpenedStore, sql: string): Promise<SqlError> {
  const error = await ask(store, sql).then(
    (result) => new Error(`allowed: ${sql} gave ${JSON.stringify(result.rows).slice(0, 200)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SqlError)) throw error;
  return error;
}

describe('ad-hoc SQL', () => {
  it('reads, in every form that DuckDB has for it', async () => {
    const store = await openWithRows();
    for (const sql of [
      'SELECT count(*) FROM cpu',
      'select 1;',
      'SELECT 1; -- done; really',
      "SELECT ';' AS semicolon -- and a comment",
      'FROM cpu LIMIT 1',
      'WITH "a.b" AS (FROM cpu) SELECT * FROM "a.b" LIMIT 1',
      'VALUES (1, 2)',
      'TABLE cpu__late',
      'DESCRIBE cpu',
      'SHOW TABLES',
      'SUMMARIZE cpu',
      'EXPLAIN SELECT * FROM cpu',
      '/* why */ EXPLAIN ANALYZE SELECT count(*) FROM cpu',
      'EXPLAIN (FORMAT json) SELECT 1',
      "PIVOT cpu ON host IN ('host 1', 'host 2') USING sum(value)",
      'SELECT unnest([1, 2]), * FROM range(3) AS r(i)',
      'SELECT * FROM information_schema.tables',
      'FROM engine.partitions',
      'SELECT a.host, b.host FROM cpu a ASOF JOIN cpu b ON a.ts >= b.ts',
    ]) {
      await expect(ask(store, sql), sql).resolves.toBeDefined();
    }
  });

  it('does nothing else', async () => {
    const store = await openWithRows();
    const inside = join(store.directory, 'parquet');
    await writeFile(join(store.directory, 'temp', 'exports', 'x.csv'), 'a,b\n1,2\n');
    const exported = join(store.directory, 'temp', 'exports', 'x.csv');
    for (const sql of [
      '',
      ';',
      '-- nothing',
      'SELECT 1; SELECT 2',
      'SELECT 1; DROP TABLE engine.files',
      'CREATE TABLE t AS SELECT 1',
      'CREATE TEMP TABLE t AS SELECT 1',
      'CREATE MACRO m() AS 1',
      'INSERT INTO engine.files SELECT * FROM engine.files',
      'UPDATE engine.counters SET value = 0',
      'DELETE FROM engine.partitions',
      'WITH x AS (SELECT 1) DELETE FROM engine.partitions',
      'DROP VIEW cpu',
      'ALTER TABLE engine.files ADD COLUMN x INTEGER',
      'TRUNCATE engine.files',
      "COPY cpu TO '/tmp/out.csv'",
      "COPY (SELECT 1) TO '/tmp/out.csv'",
      `COPY (SELECT 1) TO '${exported}'`,
      "ATTACH '/tmp/other.duckdb'",
      "ATTACH ':memory:' AS m",
      'DETACH millrace',
      'INSTALL httpfs',
      'LOAD httpfs',
      'PRAGMA database_list',
      'PRAGMA enable_profiling',
      'SET threads = 1',
      'SET enable_external_access = true',
      'RESET memory_limit',
      'USE engine',
      'BEGIN',
      'COMMIT',
      'CHECKPOINT',
      'VACUUM',
      'CALL pragma_version()',
      'PREPARE p AS SELECT 1',
      'EXECUTE p',
      "EXPORT DATABASE '/tmp/x'",
      'SET VARIABLE x = 1',
      'EXPLAIN INSERT INTO engine.files SELECT * FROM engine.files',
      'EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1',
      'EXPLAIN EXPLAIN SELECT 1',
      "SELECT getenv('HOME')",
      "FROM read_text('/etc/passwd')",
      "FROM READ_TEXT('/etc/passwd')",
      "FROM system.main.read_text('/etc/passwd')",
      "FROM read_blob('/etc/passwd')",
      "FROM read_csv('/etc/passwd')",
      "FROM read_csv_auto('/etc/passwd')",
      "FROM sniff_csv('/etc/passwd')",
      "FROM read_json('/etc/passwd')",
      "FROM '/etc/passwd'",
      "FROM '/tmp/x.csv'",
      "FROM 'x.parquet'",
      `FROM "${exported}"`,
      `FROM '${exported}'`,
      `FROM read_csv('${exported}')`,
      `FROM '${inside}/*/*.parquet'`,
      `FROM read_parquet('${inside}/*/*.parquet')`,
      `FROM parquet_scan('${inside}/*/*.parquet')`,
      `FROM parquet_metadata('${inside}/*/*.parquet')`,
      `FROM glob('${inside}/**')`,
      "FROM glob('/etc/*')",
      `SELECT (SELECT count(*) FROM read_text('/etc/passwd'))`,
      "SELECT * FROM cpu WHERE host IN (SELECT content FROM read_text('/etc/passwd'))",
      "WITH x AS (FROM read_text('/etc/passwd')) FROM x",
      "SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))",
      "SELECT 1 LIMIT (SELECT length(content) FROM read_text('/etc/passwd'))",
      "DESCRIBE FROM read_text('/etc/passwd')",
      "SUMMARIZE FROM read_text('/etc/passwd')",
      "FROM query('FROM read_text(''/etc/passwd'')')",
      "FROM query_table('/tmp/x.csv')",
      'FROM arrow_scan(1, 2, 3)',
      "FROM 'https://example.com/x.parquet'",
      "FROM read_parquet('s3://bucket/x.parquet')",
      'FROM force_checkpoint()',
      'FROM duckdb_secrets()',
      "FROM which_secret('x', 's3')",
      "FROM sqlite_scan('/tmp/x.db', 't')",
      "SELECT * FROM cpu, LATERAL (FROM read_text('/etc/' || host))",
    ]) {
      await failure(store, sql);
      for (const format of ['csv', 'parquet', 'arrow'] as const) {
        await expect(store.export({ sql, rowsMax: 10, timeoutMs: 5000 }, format), `${format}: ${sql}`).rejects.toThrow(SqlError);
      }
    }
    expect((await ask(store, 'SELECT count(*) FROM cpu')).rows).toEqual([[10]]);
  });

  it('cannot break out of the statement that an export puts around it', async () => {
    const store = await openWithRows();
    for (const sql of [
      "SELECT 1) TO '/tmp/out.csv' --",
      'SELECT 1) AS x(',
      'SELECT 1 /*',
      "SELECT 1) LIMIT 1) TO '/tmp/x' (FORMAT csv); --",
    ]) {
      await expect(store.export({ sql, rowsMax: 10, timeoutMs: 5000 }, 'csv'), sql).rejects.toThrow(SqlError);
    }
  });
});

describe('an error of ad-hoc SQL', () => {
  it('says where it is and what may have been meant', async () => {
    const store = await openWithRows();
    expect(await failure(store, 'SELECT hots FROM cpu')).toMatchObject({
      message: 'Referenced column "hots" not found in FROM clause!',
      position: 7,
      hint: expect.stringContaining('"host"'),
    });
    expect(await failure(store, 'FROM cpuu')).toMatchObject({ position: 5, hint: 'Did you mean "cpu"?' });
    expect(await failure(store, "SELECT 'größer 🙂', summ(value) FROM cpu")).toMatchObject({ position: 19, hint: 'Did you mean "sum"?' });
    expect(await failure(store, 'SELEC 1')).toMatchObject({ message: 'syntax error at or near "SELEC"', position: 0 });
    expect(await failure(store, 'EXPLAIN SELEC 1')).toMatchObject({ position: 8 });
    expect(await failure(store, 'SELECT host::INTEGER FROM cpu')).toMatchObject({ message: expect.stringContaining('host 0') });
    const exported = await store
      .export({ sql: 'SELECT hots FROM cpu', rowsMax: 1, timeoutMs: 5000 }, 'csv')
      .catch((error: unknown) => error);
    expect(exported).toMatchObject({ position: 7 });
  });
});

describe('limits of ad-hoc SQL', () => {
  const endless = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7';

  it('cuts the rows and says so', async () => {
    const store = await openWithRows();
    expect(await ask(store, 'FROM cpu', 10)).toMatchObject({ truncated: false });
    expect(await ask(store, 'FROM cpu', 9)).toMatchObject({ truncated: true, rows: { length: 9 } });
    expect(await ask(store, 'FROM range(100000)', 5000)).toMatchObject({ truncated: true, rows: { length: 5000 } });
    expect(await ask(store, 'FROM cpu', 0)).toMatchObject({ truncated: true, rows: [] });
  });

  it('stops what takes too long, is cancelled, or is one too many', async () => {
    const store = await openTestStore({ limits: { adhocConcurrencyMax: 1, adhocQueueMax: 1 } });
    await expect(store.query({ sql: endless, rowsMax: 1, timeoutMs: 200 })).rejects.toThrow(/longer than 0.2 s/);
    const abort = new AbortController();
    const cancelled = store.query({ sql: endless, rowsMax: 1, timeoutMs: 30_000 }, abort.signal);
    const waiting = store.query({ sql: 'SELECT 1', rowsMax: 1, timeoutMs: 30_000 });
    await expect(store.query({ sql: 'SELECT 2', rowsMax: 1, timeoutMs: 30_000 })).rejects.toThrow(/wait already/);
    abort.abort();
    await expect(cancelled).rejects.toThrow(/cancelled/);
    expect((await waiting).rows).toEqual([[1]]);
  });

  it('lets commits go on meanwhile, and close', async () => {
    const store = await openWithRows();
    const slow = store.query({ sql: endless, rowsMax: 1, timeoutMs: 60_000 });
    slow.catch(() => undefined);
    await store.commit(epoch(2, [{ stream: 'cpu', batch: buildBatch(columns, [[0n, 'x', 1]]) }]));
    expect((await ask(store, 'SELECT count(*) FROM cpu')).rows).toEqual([[11]]);
    await store.close();
    await expect(slow).rejects.toThrow(SqlError);
  });

  it('refuses what needs more memory, and goes on', async () => {
    const store = await openTestStore({ limits: { memoryBytesMax: 40 << 20, spillBytesMax: 1 << 20 } });
    const error = await failure(store, "SELECT list(range || 'some long text to fill memory') FROM range(5000000)");
    expect(error.message).toBe('The query needs more memory than the store allows');
    expect((await ask(store, 'SELECT 1')).rows).toEqual([[1]]);
  });
});

describe('values in rows', () => {
  it('are exact, and in forms that JSON has', async () => {
    const store = await openTestStore();
    const { rows, columns: names } = await ask(
      store,
      `SELECT 9007199254740991::BIGINT a, 9007199254740993::BIGINT b, 1.50::DECIMAL(9,2) c, 0.1::FLOAT d, 'nan'::DOUBLE e, '-inf'::DOUBLE f,
        TIMESTAMP '2026-01-02 03:04:05.678901' g, TIMESTAMP '2026-01-02 03:04:05.5' h, TIMESTAMPTZ '2026-01-02 03:04:05+02' i,
        TIMESTAMP_NS '2026-01-02 03:04:05.123456789' j, DATE '2026-01-02' k, TIME '03:04:05' l, 'infinity'::TIMESTAMP m,
        [1, 2, NULL] n, {'a': 'x y'} o, MAP {'k': 1.5} p, INTERVAL '3 days 2 seconds' q, '\\xAA'::BLOB r, true s, NULL t,
        TIMESTAMP '1969-12-31 23:59:59.5' u, 'e\u0301'::VARCHAR v, 5::HUGEINT w`,
    );
    expect(rows[0]).toEqual([
      9007199254740991,
      '9007199254740993',
      '1.50',
      0.1,
      'nan',
      '-inf',
      '2026-01-02T03:04:05.678901Z',
      '2026-01-02T03:04:05.5Z',
      '2026-01-02T01:04:05Z',
      '2026-01-02T03:04:05.123456789Z',
      '2026-01-02',
      '03:04:05',
      'infinity',
      '[1, 2, NULL]',
      "{'a': x y}",
      '{k=1.5}',
      '3 days 00:00:02',
      '\\xAA',
      true,
      null,
      '1969-12-31T23:59:59.5Z',
      'e\u0301',
      5,
    ]);
    expect(names[13]).toEqual({ name: 'n', type: 'INTEGER[]' });
  });

  it('keep the order of the statement and its columns of the same name', async () => {
    const store = await openTestStore();
    const { rows, columns: names } = await ask(store, 'SELECT [i] x, i AS x FROM range(10000) r(i) ORDER BY i DESC');
    expect(names.map(({ name }) => name)).toEqual(['x', 'x']);
    expect(rows.map(([, i]) => i)).toEqual(Array.from({ length: 10_000 }, (_, index) => 9999 - index));
    expect(rows[1]).toEqual(['[9998]', 9998]);
  });
});
