import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareRows } from '../oracle/compare-rows.ts';
import { JoinedQueries } from './support/joined-query.ts';

/** Rows in an order that is up to `jitter` seconds off, with keys among few, some of them NULL. */
const rows = (count: number, salt: number, jitter: number) =>
  `SELECT TIMESTAMP '2024-01-01' + to_seconds(i) AS ts,
     CASE WHEN hash(i + ${salt}) % 11 = 0 THEN NULL ELSE (hash(i + ${salt}) % 7)::BIGINT END AS k,
     CASE WHEN hash(i * 3 + ${salt}) % 9 = 0 THEN NULL ELSE 's' || (hash(i * 3 + ${salt}) % 5) END AS s,
     (hash(i * 5 + ${salt}) % 100)::DOUBLE AS v,
     CASE WHEN hash(i * 7 + ${salt}) % 13 = 0 THEN NULL ELSE TIMESTAMP '2024-01-01' + to_seconds(i + (hash(i * 7 + ${salt}) % 30)::BIGINT) END AS until
   FROM range(${count}) AS g(i) ORDER BY i + (hash(i * 11 + ${salt}) % ${jitter})::BIGINT, i`;
const columns = 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR, v DOUBLE, until TIMESTAMP';
const feeds = [
  { seed: 1, batchRows: 1 },
  { seed: 2, batchRows: 40 },
  { seed: 3, batchRows: 4000 },
];
const types = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN'];
const pairs = 'SELECT l.ts, l.k, l.s, r.ts AS rts, r.k AS rk, r.v';
const halves = 'SELECT l.ts, l.k, l.s, l.v';
const joined = (type: string, on: string) => `${/SEMI|ANTI/.test(type) ? halves : pairs} FROM l ${type} r ON ${on}`;

describe('joins of two streams answer as DuckDB', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    queries = await JoinedQueries.create({ l: { columns, rows: rows(900, 1, 20) }, r: { columns, rows: rows(800, 2, 9) } });
  });
  afterAll(async () => {
    await queries.close();
  });
  const near = "l.k = r.k AND l.ts BETWEEN r.ts - INTERVAL '10 seconds' AND r.ts + INTERVAL '4 seconds'";
  const conditions: readonly (readonly [string, string, readonly string[]])[] = [
    ['an interval', near, types],
    [
      'an interval that lies in the future',
      "l.k = r.k AND l.ts >= r.ts + INTERVAL '5 seconds' AND l.ts < r.ts + INTERVAL '20 seconds'",
      ['FULL JOIN', 'ANTI JOIN'],
    ],
    ['until a time of the row', 'l.k = r.k AND r.ts BETWEEN l.ts AND l.until', ['JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN']],
    [
      'keys that may be NULL on both sides',
      `l.k IS NOT DISTINCT FROM r.k AND l.s = r.s AND ${near.replace('l.k = r.k AND ', '')}`,
      ['FULL JOIN', 'SEMI JOIN'],
    ],
    ['a residual', `${near} AND (l.v > r.v OR l.s IS NULL)`, types],
    ['no key', "l.ts BETWEEN r.ts AND r.ts + INTERVAL '3 seconds'", ['FULL JOIN', 'ANTI JOIN']],
    ['equal time', 'l.ts = r.ts', ['LEFT JOIN', 'ANTI JOIN']],
  ];
  for (const [name, on, chosen] of conditions) {
    it.each([...chosen])(`%s: ${name}`, async (type) => {
      expect(await queries.compare(joined(type, on), ...feeds)).toEqual([]);
    });
  }

  it.each(types)('%s with a time to live', async (type) => {
    const options = "emit = changes, state_ttl = '1 h'";
    const body = joined(type, 'l.k = r.k AND l.s = r.s AND l.v < r.v');
    expect(await queries.compare(body, ...feeds.map((feed) => ({ ...feed, options })))).toEqual([]);
  });

  it.each(types)('%s of what is provisional', async (type) => {
    expect(await queries.compare(joined(type, near), ...feeds.map((feed) => ({ ...feed, options: 'emit = changes' })))).toEqual([]);
  });

  it.each(types)('%s of rows that are taken back', async (type) => {
    const left = '(SELECT k, s, count(*) AS n FROM l WHERE v < 20 GROUP BY k, s)';
    const right = '(SELECT k, max(ts) AS last FROM r GROUP BY k)';
    const shown = /SEMI|ANTI/.test(type) ? 'a.k, a.s, a.n' : 'a.k, a.s, a.n, b.k AS bk, b.last';
    const body = `SELECT ${shown} FROM ${left} a ${type} ${right} b ON a.k = b.k AND a.n > 2`;
    const options = "emit = changes, state_ttl = '1 h'";
    expect(await queries.compare(body, ...feeds.map((feed) => ({ ...feed, options })))).toEqual([]);
  });

  const windowed = (side: string) =>
    `(SELECT window_start, window_end, k, count(*) AS n, max(s) AS s FROM tumble(${side}, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k)`;
  it.each(['JOIN', 'FULL JOIN'])('%s: equal windows', async (type) => {
    const body = `SELECT a.window_start, a.k, a.n, a.s, b.window_start AS bw, b.n AS bn FROM ${windowed('l')} a ${type} ${windowed('r')} b
      ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k`;
    expect(await queries.compare(body, ...feeds)).toEqual([]);
  });

  const subqueries = {
    exists: `SELECT ts, k FROM l WHERE EXISTS (SELECT 1 FROM r WHERE ${near} AND l.v < r.v)`,
    'not exists': `SELECT ts, k FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE ${near})`,
    in: 'SELECT ts, k FROM l WHERE k IN (SELECT k FROM r WHERE r.ts = l.ts)',
    'not in': "SELECT ts, k FROM l WHERE v < 40 AND k NOT IN (SELECT k FROM r WHERE r.ts BETWEEN l.ts AND l.ts + INTERVAL '5 seconds')",
    scalar: 'SELECT ts, k, (SELECT r.s FROM r WHERE r.ts = l.ts) AS other FROM l',
  };
  for (const [name, body] of Object.entries(subqueries)) {
    it(`a subquery: ${name}`, async () => {
      expect(await queries.compare(body, ...feeds)).toEqual([]);
    });
  }

  it('an aggregate with the rows that it was made of', async () => {
    const best = "(SELECT max(v) AS top, window_end FROM tumble(l, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end)";
    const body = `SELECT x.ts, x.k, x.v FROM l AS x JOIN ${best} AS b ON x.v = b.top WHERE x.ts >= b.window_end - INTERVAL '10 seconds' AND x.ts < b.window_end`;
    expect(await queries.compare(body, ...feeds)).toEqual([]);
  });

  it.each(['LEFT JOIN', 'FULL JOIN', 'ANTI JOIN', 'SEMI JOIN', 'ASOF LEFT JOIN'])('%s goes on after a restart', async (type) => {
    const body = joined(type, type.startsWith('ASOF') ? 'l.k = r.k AND l.ts >= r.ts' : near);
    const program = await queries.program(body);
    const expected = await queries.expected(body);
    for (const cut of [1, 9, 20, 33]) expect(compareRows(await queries.restarted(program, 50, cut), expected)).toEqual([]);
  });

  it('windows with what lies within ten minutes of them', async () => {
    const rates =
      "(SELECT window_start, window_end, k, avg(v) AS rate FROM tumble(l, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, k)";
    const body = `SELECT e.window_end AS ts, e.k, 'since ' || d.s AS kind, e.rate FROM ${rates} AS e
      JOIN r AS d ON d.k = e.k AND e.window_start BETWEEN d.ts AND d.ts + INTERVAL '10 minutes' WHERE e.rate > 40 AND d.v > 80`;
    expect(await queries.compare(body, ...feeds)).toEqual([]);
  });

  it('a join of a join, aggregated by a time of it', async () => {
    const body = `WITH j AS (SELECT l.ts, l.k, r.v FROM l JOIN r ON ${near}), m AS (SELECT j.ts, j.k, j.v + l.v AS v FROM j JOIN l ON j.ts = l.ts)
      SELECT window_start, k, count(*) AS n, sum(v) AS v FROM tumble(m, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, k`;
    expect(await queries.compare(body, ...feeds)).toEqual([]);
  });
});

describe('state of a join', () => {
  const seconds = (count: number, key: string) =>
    `SELECT TIMESTAMP '2024-01-01' + to_milliseconds(i) AS ts, ${key} AS k, 's' || i AS s FROM range(${count}) AS g(i)`;

  it('puts out more matches than a batch holds, and all of them', async () => {
    const queries = await JoinedQueries.create({
      l: { columns: 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR', rows: seconds(300, 'i % 2') },
      r: { columns: 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR', rows: seconds(500, 'i % 2') },
    });
    const body =
      "SELECT l.ts, r.s FROM l LEFT JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts - INTERVAL '1 minute' AND l.ts + INTERVAL '1 minute'";
    expect(await queries.compare(body, { seed: 1, batchRows: 500 }, { seed: 2, batchRows: 90 })).toEqual([]);
    await queries.close();
  });

  it('does not grow with what has expired, whether keys come again or not', async () => {
    for (const key of ['i', 'i % 5']) {
      const queries = await JoinedQueries.create({
        l: { columns: 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR', rows: seconds(120_000, key) },
        r: { columns: 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR', rows: seconds(120_000, key) },
      });
      const body = "SELECT l.ts, r.s FROM l LEFT JOIN r ON l.k = r.k AND l.ts = r.ts + INTERVAL '1 millisecond'";
      const program = await queries.program(body);
      const { instance } = await queries.stream(program, { seed: 1, batchRows: 1000, inStep: true });
      const join = program.operators.find(({ kind }) => kind === 'join');
      const counters = instance.counters().find(({ node }) => node === join?.node);
      expect(counters?.stateBytes).toBeLessThan(2 << 20);
      expect(counters?.stateRows).toBeLessThan(20_000);
      await queries.close();
    }
  });
});
