import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDirectory } from '../../engine/store/read-directory.ts';

const rows = 9_000;
const start = Date.UTC(2026, 10, 23);
const views = {
  counts: 'SELECT host, count(*) AS n, max(value) AS top FROM load GROUP BY host',
  sizes: 'SELECT n > 1800 AS many, count(*) AS hosts, sum(n) AS n FROM counts GROUP BY many',
  early: "SELECT window_start, host, count(*) AS n FROM tumble(load, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, host",
  per_five: "SELECT w.window_start, sum(n) AS n FROM tumble(early_ts, ts, INTERVAL '5 minutes') AS w GROUP BY w.window_start, w.window_end",
  big: 'SELECT host, n FROM counts WHERE n > 1800',
};
const sql = `
CREATE TABLE load (ts TIMESTAMP, host VARCHAR, value DOUBLE) WITH (connector = file, path = 'load.csv', event_time = ts, max_lateness = '30 s');
CREATE TABLE log (host VARCHAR, n BIGINT) WITH (role = sink, connector = file, path = 'log', roll_every = '500 ms');
CREATE MATERIALIZED VIEW counts WITH (state_ttl = '1 d') AS ${views.counts};
CREATE MATERIALIZED VIEW sizes WITH (state_ttl = '1 d') AS ${views.sizes};
CREATE MATERIALIZED VIEW early WITH (emit_early_every = '10 s') AS ${views.early};
CREATE VIEW early_ts AS SELECT window_start AS ts, n FROM early;
CREATE MATERIALIZED VIEW per_five WITH (emit = final) AS ${views.per_five};
CREATE MATERIALIZED VIEW big AS ${views.big};
INSERT INTO log SELECT host, n FROM counts;
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-changing-'));
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: rows }, (_, i) => {
    const host = next() < 0.02 ? '' : `host-${Math.floor(next() * 5)}`;
    return `${new Date(start + i * 100 - 20_000 * next()).toISOString()},${host},${Math.floor(next() * 800) / 8}`;
  });
  await writeFile(join(folder, 'load.csv'), `ts,host,value\n${lines.join('\n')}\n`);
  await writeFile(join(folder, 'load.sql'), sql);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(): Promise<void> {
  const script = resolve(import.meta.dirname, 'support/run-files.ts');
  const args = [script, join(folder, 'data'), join(folder, 'kernels'), 'Infinity', '1', join(folder, 'load.sql')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const code = await new Promise((done) => child.on('close', done));
  expect([code, errors]).toEqual([0, expect.not.stringMatching(/^error/m)]);
}

it('views on views that change, and a changelog of them, come to what DuckDB says', { timeout: 180_000 }, async () => {
  await run();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const ask = async (text: string) => (await connection.runAndReadAll(text)).getRowsJson() as unknown[][];
  const store = await readDirectory(join(folder, 'data'));
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(
      `CREATE TABLE load AS SELECT ts::TIMESTAMP AS ts, host, value FROM read_csv('${folder}/load.csv',
        columns = {'ts': 'TIMESTAMPTZ', 'host': 'VARCHAR', 'value': 'DOUBLE'})`,
    );
    await connection.run(`CREATE VIEW counts AS ${views.counts}`);
    const reference = {
      counts: views.counts,
      sizes: views.sizes,
      early: "SELECT time_bucket(INTERVAL '1 minute', ts) AS window_start, host, count(*) AS n FROM load GROUP BY ALL",
      per_five: "SELECT time_bucket(INTERVAL '5 minutes', ts) AS window_start, count(*)::HUGEINT AS n FROM load GROUP BY ALL",
      big: views.big,
    };
    for (const [name, text] of Object.entries(reference)) {
      const columns = (await ask(`DESCRIBE ${text}`)).map(([column]) => `"${column}"::VARCHAR`).join(', ');
      const expected = await ask(`SELECT ${columns} FROM (${text}) ORDER BY ALL`);
      const found = await store.query({ sql: `SELECT ${columns} FROM ${name} ORDER BY ALL`, rowsMax: 10_000, timeoutMs: 20_000 });
      expect([name, found.rows]).toEqual([name, expected]);
    }
    const folded = `SELECT host, n FROM read_json('${folder}/log/*.jsonl') GROUP BY ALL HAVING sum(CASE _op WHEN 'insert' THEN 1 ELSE -1 END) > 0`;
    expect(await ask(`${folded} ORDER BY ALL`)).toEqual(await ask('SELECT host, n FROM counts ORDER BY ALL'));
  } finally {
    await store.close();
    connection.closeSync();
    instance.closeSync();
  }
});
