import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../engine/run/summary.ts';
import { readDirectory } from '../../engine/store/read-directory.ts';

const files = 3;
const rowsPerFile = 20_000;
const start = Date.UTC(2026, 10, 23);
const streams = {
  wide: 'SELECT * FROM wide',
  high: 'SELECT * FROM high',
  per_ten: 'SELECT window_start, window_end, host, n, mean, top FROM per_ten',
  per_hundred: 'SELECT window_start, window_end, host, n, top FROM per_hundred',
  late: 'SELECT ts, host, value, _late_by, _partition, _watermark FROM load__late',
  rejected: 'SELECT partition, "at", field, reason FROM load__rejected',
};
const sql = `
CREATE TABLE load (ts TIMESTAMP, host VARCHAR, value DOUBLE)
  WITH (connector = file, path = 'load-*.csv', partition_by = file, event_time = ts, max_lateness = '5 s', retention = '10000 days');
CREATE MATERIALIZED VIEW wide AS SELECT count(*) AS n FROM tumble(load, ts, INTERVAL '30 minutes') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW high AS SELECT ts, host, value FROM load WHERE value > 95;
CREATE MATERIALIZED VIEW per_ten AS SELECT window_start, window_end, host, count(*) AS n, avg(value) AS mean, max(value) AS top
  FROM tumble(load, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW per_hundred AS SELECT s.window_start, s.window_end, s.host, sum(s.n) AS n, max(s.top) AS top
  FROM tumble(ten, ts, INTERVAL '100 seconds') AS s GROUP BY s.window_start, s.window_end, s.host;
CREATE VIEW ten AS SELECT window_start AS ts, host, n, top FROM per_ten;
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
  for (let file = 0; file < files; file++) await writeFile(join(folder, `load-${file}.csv`), csv(file + 1));
  await writeFile(join(folder, 'load.sql'), sql);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** About one row in fifty is late, one in two thousand cannot be read. */
function csv(seed: number): string {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = ['ts,host,value'];
  for (let i = 0; i < rowsPerFile; i++) {
    const back = next() < 0.02 ? 30_000 * next() : 3_000 * next();
    // Eighths add up exactly, in whatever order.
    const value = next() < 0.0005 ? 'broken' : Math.floor(next() * 800) / 8;
    lines.push(`${new Date(start + i * 100 - back).toISOString()},host-${Math.floor(next() * 20)},${value}`);
  }
  return `${lines.join('\n')}\n`;
}

function run(
  data: string,
  speed: string,
  lanes: number,
): { child: ChildProcess; errors: () => string; summary: Promise<Summary>; started: Promise<void> } {
  const script = resolve(import.meta.dirname, 'support/run-files.ts');
  const child = spawn(
    process.execPath,
    [script, join(folder, data), join(folder, 'kernels'), speed, String(lanes), join(folder, 'load.sql')],
    {
      stdio: 'pipe',
    },
  );
  let out = '';
  let errors = '';
  const started = Promise.withResolvers<void>();
  child.stdout?.on('data', (text: Buffer) => {
    out += text;
  });
  child.stderr?.on('data', (text: Buffer) => {
    errors += text;
    if (errors.includes('info start')) started.resolve();
  });
  const summary = new Promise<Summary>((done, fail) => {
    child.on('close', (code) => {
      started.resolve();
      if (code === 0) done(JSON.parse(out) as Summary);
      else fail(new Error(`ended with ${code}: ${errors}`));
    });
  });
  summary.catch(() => undefined);
  return { child, errors: () => errors, summary, started: started.promise };
}

async function read(data: string): Promise<Record<string, string[]>> {
  const reader = await readDirectory(join(folder, data));
  const result: Record<string, string[]> = {};
  for (const [name, statement] of Object.entries(streams)) {
    const { rows } = await reader.query({ sql: statement, rowsMax: 1_000_000, timeoutMs: 60_000 });
    result[name] = rows.map((row) => JSON.stringify(row)).sort();
  }
  await reader.close();
  return result;
}

let whole: Summary;
let expected: Record<string, string[]>;

describe('kill -9', () => {
  for (const lanes of [1, 4]) {
    it(`loses no row and doubles none with ${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`, { timeout: 240_000 }, async () => {
      const data = `cut-${lanes}`;
      whole ??= await run('whole', 'Infinity', 1).summary;
      expected ??= await read('whole');
      const seen: string[] = [];
      for (const pauseMs of [400, 1_700, 900, 2_300]) {
        const cut = run(data, '300', lanes);
        await cut.started;
        await new Promise((done) => setTimeout(done, pauseMs));
        expect(cut.child.exitCode, cut.errors()).toBe(null);
        cut.child.kill('SIGKILL');
        await cut.summary.catch(() => undefined);
        seen.push(cut.errors());
      }
      const last = run(data, 'Infinity', lanes);
      const summary = await last.summary;
      const [a, b] = [expected, await read(data)];
      for (const name of Object.keys(streams)) {
        expect(b[name]?.length, name).toBe(a[name]?.length);
        expect(b[name], name).toEqual(a[name]);
      }
      expect([...seen, last.errors()].join('\n')).toMatch(/replays [\d,]+ rows because windows since 2026/);
      expect(summary.sources).toEqual(whole.sources);
      const { load } = summary.sources;
      expect(Number(load?.rows) + Number(load?.rejected)).toBe(files * rowsPerFile);
      expect(a.late?.length).toBe(load?.late);
      expect(a.rejected?.length).toBe(load?.rejected);
      for (const [id, query] of Object.entries(whole.queries)) {
        const { rows_in, rows_out, filtered, late } = query;
        expect(summary.queries[id], id).toMatchObject({ rows_in, rows_out, filtered, late });
      }
    });
  }
});
