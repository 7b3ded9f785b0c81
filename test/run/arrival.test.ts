import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { Reference } from '../oracle/reference.ts';
import type { MemoryFolder } from './support/memory-store.ts';
import { SpreadQueries, type SpreadRun } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const views: Readonly<Record<string, string>> = {
  tens: `SELECT host, count(*) AS n, sum(v) AS total, window_start, window_end FROM tumble(s, _ingest_time, INTERVAL '10 seconds')
    GROUP BY host, window_start, window_end`,
  seconds: `SELECT window_start, window_end, count(*) AS n, max(ts) AS newest FROM tumble(s, _ingest_time, INTERVAL '1 second')
    GROUP BY window_start, window_end`,
  hops: `SELECT window_start, window_end, host, count(DISTINCT v) AS n FROM hop(s, _ingest_time, INTERVAL '2 seconds', INTERVAL '6 seconds')
    GROUP BY window_start, window_end, host`,
  visits: `SELECT host, window_start, window_end, count(*) AS n, min(v) AS least FROM session(s, _ingest_time, host, INTERVAL '700 milliseconds')
    GROUP BY host, window_start, window_end`,
  buckets: `SELECT time_bucket(INTERVAL '3 seconds', _ingest_time) AS bucket, host, sum(v) AS total FROM s GROUP BY bucket, host`,
  moving: `SELECT _ingest_time, host, v, count(*) OVER (PARTITION BY host ORDER BY _ingest_time
    RANGE BETWEEN INTERVAL '2 seconds' PRECEDING AND CURRENT ROW) AS n FROM s`,
  passed: `SELECT ts, _ingest_time AS came, host, v FROM s WHERE v > 3`,
  of_passed: `SELECT window_end, host, count(*) AS n FROM tumble(passed, came, INTERVAL '4 seconds') GROUP BY window_start, window_end, host`,
  halves: `SELECT window_start, window_end, sum(n) AS n, max(newest) AS newest FROM tumble(passing, stop, INTERVAL '5 seconds')
    GROUP BY window_start, window_end`,
  together: `SELECT s._ingest_time AS came, s.host, s.v, t.w FROM s JOIN t ON s.host = t.host
    AND t._ingest_time BETWEEN s._ingest_time - INTERVAL '500 milliseconds' AND s._ingest_time + INTERVAL '500 milliseconds'`,
  /** Beside the others: by event time. */
  by_event: `SELECT window_start, window_end, host, count(*) AS n FROM tumble(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host`,
};
const passing = 'SELECT window_end AS stop, n, newest FROM seconds';

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, v INTEGER, _ingest_time TIMESTAMP)
  WITH (connector = rows, event_time = ts, max_lateness = '5 s', retention = '10000 days');
CREATE TABLE t (host VARCHAR, w INTEGER, _ingest_time TIMESTAMP) WITH (connector = rows, retention = '10000 days');
CREATE VIEW passing AS ${passing};
${Object.entries(views)
  .map(([name, body]) => `CREATE MATERIALIZED VIEW ${name} AS ${body};`)
  .join('\n')}
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

function dataOf(seed: number) {
  const random = new Random(seed);
  const host = () => (random.below(15) === 0 ? null : `host-${random.below(4)}`);
  const partition = (rows: number) =>
    Array.from({ length: rows + random.below(50) }, (_, i) => {
      // Some are late by event time: those arrive in no window.
      const back = random.below(20) === 0 ? 60_000_000 : random.below(4_000_000);
      return [start + BigInt(i) * second - BigInt(back), host(), random.below(10)];
    });
  const beside = Array.from({ length: 80 }, () => [host(), random.below(9)]);
  return { s: { a0: partition(100), a1: partition(160), a2: partition(30) }, t: { b0: beside, b1: beside } };
}

/** Times as milliseconds, whole numbers as numbers. */
function plain(cell: unknown): unknown {
  if (typeof cell !== 'string') return cell;
  if (/^\d{4}-\d\d-\d\d[ T]/.test(cell)) return Date.parse(`${cell.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return /^-?\d+$/.test(cell) ? Number(cell) : cell;
}

const lines = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row.map(plain))).sort();

/** What DuckDB says over the rows that were stored, with the times at which they came. */
async function expected(folder: MemoryFolder): Promise<Record<string, string[]>> {
  const reference = await Reference.create();
  const text = (cell: unknown) => (cell === null ? 'NULL' : `'${String(cell).replace('T', ' ').replace('Z', '')}'`);
  const load = async (table: string, columns: string) => {
    await reference.run(`CREATE TABLE ${table} (${columns})`);
    await reference.run(
      `INSERT INTO ${table} VALUES ${folder
        .rows(table)
        .map((row) => `(${row.map(text).join(', ')})`)
        .join(', ')}`,
    );
  };
  await load('s', 'ts TIMESTAMP, host VARCHAR, v INTEGER, _ingest_time TIMESTAMP');
  await load('t', 'host VARCHAR, w INTEGER, _ingest_time TIMESTAMP');
  const answers: Record<string, string[]> = {};
  for (const [name, body] of Object.entries(views)) {
    await reference.run(`CREATE TABLE ${name} AS ${body}`);
    if (name === 'seconds') await reference.run(`CREATE VIEW passing AS ${passing}`);
    answers[name] = lines(await reference.rows(`FROM ${name}`));
  }
  return answers;
}

async function check(seed: number, run: Omit<SpreadRun, 'random'>): Promise<void> {
  const data = dataOf(seed);
  const { status, folder } = await queries.run(data, { ...run, random: new Random(seed + 50) });
  expect(Object.entries(status.queries).filter(([, { error }]) => error !== null)).toEqual([]);
  expect(folder.rows('s').length + folder.rows('s__late').length).toBe(data.s.a0.length + data.s.a1.length + data.s.a2.length);
  expect(folder.rows('t')).toHaveLength(160);
  const answers = await expected(folder);
  for (const name of Object.keys(views)) {
    expect(answers[name]?.length, name).toBeGreaterThan(0);
    expect(lines(folder.rows(name)), `${name} with ${JSON.stringify(run)}`).toEqual(answers[name]);
  }
}

describe('queries over the time of arrival', () => {
  it('follow it, whatever event time says', () => {
    const clocks = Object.fromEntries(queries.catalog.queries.map(({ name, clock }) => [name, clock]));
    expect(Object.keys(clocks).filter((name) => clocks[name] === 'event')).toEqual(['passed', 'by_event']);
  });

  for (const seed of [1, 2, 3]) {
    it(`answer as DuckDB does over the stored times, in one lane and in four (seed ${seed})`, { timeout: 240_000 }, async () => {
      await check(seed, { lanes: 1, batchRowsMax: 6 });
      await check(seed, { lanes: 4, batchRowsMax: 8 });
    });

    it(`give rows that are read again the times that they had (seed ${seed})`, { timeout: 240_000 }, async () => {
      const cuts = (lanes: readonly number[]) => lanes.map((count, i) => ({ lanes: count, afterMs: 3100 + 700 * seed - 600 * i }));
      await check(seed, { lanes: 1, batchRowsMax: 5, cuts: cuts([1, 1, 1]) });
      await check(seed, { lanes: 4, batchRowsMax: 7, cuts: cuts([4, 2, 4]) });
    });
  }
});
