import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultVariable } from '../../connectors/fault-point.ts';
import { readDirectory } from '../../engine/store/read-directory.ts';

const rows = 60_000;
const start = Date.UTC(2026, 10, 23);
/** Event time to wall time: so slow that the rows do not end before the process does. */
const speed = 60;
const waitMsMax = 60_000;

const sql = `
CREATE TABLE load (ts TIMESTAMP, host VARCHAR, value BIGINT)
  WITH (connector = file, path = 'load-*.csv', partition_by = file, event_time = ts, max_lateness = '5 s');
CREATE MATERIALIZED VIEW per_ten AS SELECT window_start, window_end, host, count(*) AS n, sum(value) AS total
  FROM tumble(load, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW per_hour AS SELECT window_start, window_end, host, count(*) AS n, max(value) AS top, list(value ORDER BY ts, value) AS every
  FROM tumble(load, ts, INTERVAL '3 hours') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW visits AS SELECT window_start, window_end, host, count(*) AS n
  FROM session(load, ts, host, INTERVAL '5 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW running AS SELECT ts, host, value, sum(value) OVER (PARTITION BY host ORDER BY ts
  RANGE BETWEEN INTERVAL '10 minutes' PRECEDING AND CURRENT ROW) AS total FROM load WHERE value > 900;
CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1000 d') AS SELECT host, count(*) AS n, sum(value) AS total
  FROM load GROUP BY host;
CREATE MATERIALIZED VIEW pairs AS SELECT a.ts, a.host, a.value, b.n FROM load AS a JOIN per_ten AS b
  ON a.host = b.host AND b.window_start BETWEEN a.ts - INTERVAL '60 seconds' AND a.ts WHERE a.value > 990;
`;
const streams = ['per_ten', 'per_hour', 'visits', 'running', 'totals', 'pairs'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-images-'));
  for (const seed of [1, 2]) writeFileSync(join(folder, `load-${seed}.csv`), csv(seed));
  writeFileSync(join(folder, 'load.sql'), sql);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Disordered within three seconds; one row in a hundred is late. */
function csv(seed: number): string {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = ['ts,host,value'];
  for (let i = 0; i < rows / 2; i++) {
    const back = next() < 0.01 ? 30_000 * next() : 3_000 * next();
    lines.push(`${new Date(start + i * 200 - back).toISOString()},host-${Math.floor(next() * 20)},${Math.floor(next() * 1000)}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Run {
  readonly child: ChildProcess;
  readonly errors: () => string;
  readonly exited: Promise<number | null>;
}

function run(data: string, pace: number, env: Record<string, string> = {}, queries = 'load.sql'): Run {
  const script = resolve(import.meta.dirname, 'support/run-files.ts');
  const child = spawn(process.execPath, [script, join(folder, data), join(folder, 'kernels'), String(pace), '1', join(folder, queries)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SNAPSHOT_EVERY_MS: '700', ...env },
  });
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors += text;
  });
  return { child, errors: () => errors, exited: new Promise((done) => child.once('close', done)) };
}

const images = (data: string) => {
  try {
    return readdirSync(join(folder, data, 'snapshots')).filter((name) => name.endsWith('.image'));
  } catch {
    return [];
  }
};

/** Newest first; a file that the store does not name yet is none. */
async function imagesThatCount(data: string): Promise<string[]> {
  const reader = await readDirectory(join(folder, data));
  const sql = 'SELECT name FROM engine.images ORDER BY taken_at DESC';
  const answer = await reader.query({ sql, rowsMax: 100, timeoutMs: 60_000 });
  await reader.close();
  return answer.rows.map(([name]) => String(name));
}

/** Runs until `count` images have been seen, then kills. */
async function killAfterImages(data: string, count: number, env: Record<string, string> = {}): Promise<string> {
  const engine = run(data, speed, env);
  const seen = new Set<string>();
  const until = Date.now() + waitMsMax;
  while (seen.size < count && Date.now() < until && engine.child.exitCode === null && engine.child.signalCode === null) {
    for (const name of images(data)) seen.add(name);
    await delay(20);
  }
  // Some epochs come after the image.
  if (env[faultVariable] === undefined) {
    await delay(3_000);
    engine.child.kill('SIGKILL');
  }
  await engine.exited;
  return engine.errors();
}

async function finish(data: string, env: Record<string, string> = {}): Promise<string> {
  const engine = run(data, Number.POSITIVE_INFINITY, env);
  const code = await engine.exited;
  expect(code, engine.errors()).toBe(0);
  return engine.errors();
}

async function results(data: string): Promise<Record<string, string[]>> {
  const reader = await readDirectory(join(folder, data));
  const result: Record<string, string[]> = {};
  for (const name of streams) {
    const answer = await reader.query({ sql: `SELECT * FROM ${name}`, rowsMax: 1_000_000, timeoutMs: 60_000 });
    result[name] = answer.rows.map((row) => JSON.stringify(row)).sort();
  }
  await reader.close();
  return result;
}

let expected: Record<string, string[]>;

describe('images of memory', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    await finish('whole');
    expected = await results('whole');
    expect(expected.per_hour?.length).toBeGreaterThan(20);
  }, 240_000);

  it('are what a restart goes on from, again and again', async () => {
    await killAfterImages('again', 2);
    expect(images('again').length).toBeGreaterThan(0);
    const second = await killAfterImages('again', 4);
    expect(second).toMatch(/info image: .*on from the image of memory/);
    expect(await finish('again')).toMatch(/info image: .*on from the image of memory/);
    expect(await results('again')).toEqual(expected);
  });

  it('that are damaged are told of and not used: the one before is, or all is read again', async () => {
    await killAfterImages('damaged', 3);
    const named = await imagesThatCount('damaged');
    expect(named.length).toBeGreaterThanOrEqual(2);
    cpSync(join(folder, 'damaged'), join(folder, 'damaged-all'), { recursive: true });
    damage('damaged', named[0] as string);
    const text = await finish('damaged');
    expect(text).toMatch(/warning image: the image of memory of .* is not used: its file \S+ is damaged/);
    expect(text).toMatch(/on from the image of memory/);
    expect(await results('damaged')).toEqual(expected);
    for (const name of named) damage('damaged-all', name);
    const all = await finish('damaged-all');
    expect(all).not.toMatch(/on from the image of memory/);
    expect(all).toMatch(/replays [\d,]+ rows because windows/);
    expect(await results('damaged-all')).toEqual(expected);
  });

  const damage = (data: string, name: string) => {
    const path = join(folder, data, 'snapshots', name);
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100);
    writeFileSync(path, bytes);
  };

  it('are whole or not there, wherever the process dies', async () => {
    const data = 'deaths';
    for (const point of ['snapshot_taken', 'snapshot_written', 'snapshot_renamed', 'snapshot_listed', 'snapshot_collected']) {
      await killAfterImages(data, 100, { [faultVariable]: point });
    }
    expect(await finish(data, { [faultVariable]: '' })).toMatch(/on from the image of memory/);
    expect(await results(data)).toEqual(expected);
    expect(readdirSync(join(folder, data, 'snapshots')).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(images(data).length).toBeLessThanOrEqual(2);
  });
});
