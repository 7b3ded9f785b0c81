import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';

const files = 2;
const rowsPerFile = 12_000;
/** Kills: MILLRACE_CRASH_ROUNDS=50 for a long search. */
const rounds = Number(process.env.MILLRACE_CRASH_ROUNDS ?? 3);
const start = Date.UTC(2026, 10, 23);
const sql = `
CREATE TABLE load (ts TIMESTAMP, host VARCHAR, value DOUBLE)
  WITH (connector = file, path = '../load-*.csv', partition_by = file, event_time = ts, max_lateness = '5 s');
CREATE TABLE high (ts TIMESTAMP, host VARCHAR, value DOUBLE)
  WITH (role = sink, connector = file, path = 'high', format = csv, partition_by = host, roll_every = '300 ms');
CREATE TABLE means (window_start TIMESTAMP, host VARCHAR, n BIGINT, mean DOUBLE)
  WITH (role = sink, connector = parquet, path = 'means', roll_every = '200 ms');
INSERT INTO high SELECT ts, host, value FROM load WHERE value > 60 AND ts IS NOT NULL;
INSERT INTO means SELECT window_start, host, count(*) AS n, avg(value) AS mean
  FROM tumble(load, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;
INSERT INTO means SELECT window_start, NULL AS host, n, NULL AS mean FROM wide;
CREATE MATERIALIZED VIEW wide AS SELECT window_start, count(*) AS n FROM tumble(load, ts, INTERVAL '5 minutes') GROUP BY window_start, window_end;
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sinks-'));
  for (let file = 0; file < files; file++) await writeFile(join(folder, `load-${file}.csv`), csv(file + 1));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function csv(seed: number): string {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = ['ts,host,value'];
  for (let i = 0; i < rowsPerFile; i++) {
    const back = next() < 0.02 ? 30_000 * next() : 3_000 * next();
    lines.push(`${new Date(start + i * 100 - back).toISOString()},host-${Math.floor(next() * 5)},${Math.floor(next() * 800) / 8}`);
  }
  return `${lines.join('\n')}\n`;
}

async function run(name: string, speed: string): Promise<{ child: ChildProcess; started: Promise<void>; ended: Promise<number | null> }> {
  const place = join(folder, name);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'load.sql'), sql);
  const script = resolve(import.meta.dirname, 'support/run-files.ts');
  const args = [script, join(place, 'data'), join(folder, 'kernels'), speed, '2', join(place, 'load.sql')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const started = Promise.withResolvers<void>();
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors += text;
    if (errors.includes('info start')) started.resolve();
  });
  const ended = new Promise<number | null>((done) =>
    child.on('close', (code) => {
      started.resolve();
      if (code !== 0 && code !== null) process.stderr.write(errors);
      done(code);
    }),
  );
  return { child, started: started.promise, ended };
}

async function written(name: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const ask = async (text: string) => (await connection.runAndReadAll(text)).getRowsJson() as unknown[][];
  try {
    const place = join(folder, name);
    return [
      ...(await ask(`SELECT 'high', ts, host, value FROM read_csv('${place}/high/*/*.csv', hive_partitioning = true) ORDER BY ALL`)),
      ...(await ask(`SELECT 'means', window_start, host, n, mean FROM read_parquet('${place}/means/*.parquet') ORDER BY ALL`)),
    ];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

it('after kills at any moment every row is in the files once', { timeout: 120_000 + rounds * 30_000 }, async () => {
  const whole = await run('whole', 'Infinity');
  expect(await whole.ended).toBe(0);
  const expected = await written('whole');
  expect(expected.length).toBeGreaterThan(5_000);
  for (let round = 0; round < rounds; round++) {
    const { child, started, ended } = await run('killed', '200');
    await started;
    await wait(300 + ((350 * round) % 4_000));
    child.kill('SIGKILL');
    await ended;
  }
  const last = await run('killed', 'Infinity');
  expect(await last.ended).toBe(0);
  expect(await written('killed')).toEqual(expected);
});
