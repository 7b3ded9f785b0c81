import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { Reference } from '../oracle/reference.ts';
import { type InputRow, Running } from './support/running-query.ts';

const period = 10;
/** Seconds that a row may be behind the last one. */
const lateness = 25;
const early = `emit_early_every = '${period} s'`;
const ttl = "state_ttl = '30 d'";

/** Options, and the body as both sides run it. */
const views: Readonly<Record<string, readonly [string, string]>> = {
  'tumbling windows': [
    early,
    "SELECT window_start, k, count(*) AS n, sum(v) AS s FROM tumble(t, ts, INTERVAL '40 seconds') GROUP BY window_start, window_end, k",
  ],
  'hopping windows': [
    early,
    "SELECT window_end, k, count(*) AS n FROM hop(t, ts, INTERVAL '20 seconds', INTERVAL '60 seconds') GROUP BY window_end, k",
  ],
  'groups that forget': [`${early}, ${ttl}`, 'SELECT k, count(*) AS n, max(v) AS high FROM t GROUP BY k'],
  'one group': [early, 'SELECT count(*) AS n, sum(v) AS s FROM t'],
  'groups of groups': [
    `${early}, ${ttl}`,
    "SELECT n, count(*) AS m, min(k) AS least FROM (SELECT k, window_end, count(*) AS n FROM tumble(t, ts, INTERVAL '30 seconds') GROUP BY window_end, k) GROUP BY n",
  ],
  'groups of some rows': [`${early}, ${ttl}`, 'SELECT upper(k) AS key, count(*) AS n FROM t WHERE v > 50 GROUP BY key HAVING count(*) > 3'],
  'partitions of windows': [
    early,
    "SELECT w.window_start, k, v, lead(v) OVER (PARTITION BY w.window_start, k ORDER BY ts, v) AS next FROM tumble(t, ts, INTERVAL '40 seconds') AS w",
  ],
};

/** Seconds, key and value of rows in the order in which they come. */
const rows = Array.from({ length: 900 }, (_, k): InputRow => {
  const at = Math.max(0, Math.floor(k / 3) - ((k * 7919) % lateness));
  return [at, k % 11 === 0 ? null : `key ${(k * 31) % 5}`, (k * 48271) % 97];
});

/** What a view has put out when the watermark passes each multiple of the period; it stops at `stepsOf(from, to)` on its way. */
function play(query: Running, batchRows: number, stepsOf: (from: number, to: number) => readonly number[]): Map<number, string[]> {
  const shown = new Map<number, string[]>();
  let [watermark, top] = [0, 0];
  for (let from = 0; from < rows.length; from += batchRows) {
    const batch = rows.slice(from, from + batchRows);
    query.push(...batch);
    top = Math.max(top, ...batch.map(([at]) => at));
    if (top - lateness <= watermark) continue;
    for (const step of stepsOf(watermark, top - lateness)) {
      const lines = query.advance(step);
      const multiple = Math.floor(step / period) * period;
      shown.set(multiple, [...(shown.get(multiple) ?? []), ...lines]);
    }
    watermark = top - lateness;
  }
  return shown;
}

const oneByOne = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k + 1);
/** Each multiple is passed by itself, by more or less. */
const unevenly = (from: number, to: number) => oneByOne(from, to).filter((at) => at === to || at % period === (at * 7) % 4);

/** Rows that are there when the changes are made, in order. */
function fold(stored: Map<string, number>, lines: readonly string[]): void {
  for (const line of lines) {
    const row = line.slice(2);
    const count = (stored.get(row) ?? 0) + (line.startsWith('+') ? 1 : -1);
    if (count === 0) stored.delete(row);
    else stored.set(row, count);
  }
}

const written = (stored: ReadonlyMap<string, number>) => [...stored].flatMap(([row, count]) => Array<string>(count).fill(row)).sort();

describe('early results', () => {
  let compiler: Compiler;
  let reference: Reference;
  beforeAll(async () => {
    compiler = new Compiler({ cacheDirectory: null });
    reference = await Reference.create();
    await reference.run('CREATE TABLE all_rows(ts TIMESTAMP, k VARCHAR, v BIGINT)');
    const cells = rows.map(([at, k, v]) => `(make_timestamp(${at}000000), ${k === null ? 'NULL' : `'${k}'`}, ${v})`);
    await reference.run(`INSERT INTO all_rows VALUES ${cells.join(', ')}`);
  });
  afterAll(async () => await compiler.close());

  for (const [name, [options, body]] of Object.entries(views)) {
    it(`${name}: the rows before each multiple, however they and the watermark came`, async () => {
      const runs: Map<number, string[]>[] = [];
      for (const [batchRows, steps] of [[1, oneByOne] as const, [7, unevenly] as const, [8192, unevenly] as const])
        runs.push(play(await Running.start(compiler, options, body), batchRows, steps));
      const [first, ...others] = runs as [Map<number, string[]>, ...Map<number, string[]>[]];
      expect(first.size).toBeGreaterThan(20);
      for (const other of others) for (const [multiple, lines] of first) expect(other.get(multiple)).toEqual(lines);
      const stored = new Map<string, number>();
      for (const [multiple, lines] of first) {
        fold(stored, lines);
        await reference.run(`CREATE OR REPLACE VIEW t AS SELECT * FROM all_rows WHERE ts < make_timestamp(${multiple}000000)`);
        const expected = (await reference.rows(body)).map((row) =>
          row.map((value) => (value === null ? 'NULL' : seconds(String(value)))).join(' '),
        );
        expect(written(stored), `at ${multiple} s`).toEqual(expected.sort());
      }
    }, 60_000);
  }
});

/** A time of DuckDB's as the text of a row has it. */
function seconds(text: string): string {
  return /^\d{4}-/.test(text) ? `${Date.parse(`${text.replace(' ', 'T')}Z`) / 1000}s` : text;
}
