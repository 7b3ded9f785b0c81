import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { Row } from '../oracle/compare-rows.ts';
import { appendRows } from '../oracle/reference-values.ts';
import { buildBatch } from '../store/build-batch.ts';
import { JoinedQueries } from './support/joined-query.ts';

const columns = 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR, v DOUBLE';
const rows = `SELECT TIMESTAMP '2024-01-01' + to_seconds(i) AS ts, CASE WHEN i % 11 = 0 THEN NULL ELSE (hash(i) % 40)::BIGINT END AS k,
  CASE WHEN i % 7 = 0 THEN NULL ELSE 's' || (hash(i * 3) % 5) END AS s, (hash(i * 5) % 100)::DOUBLE AS v FROM range(9000) AS g(i)`;
/** Some keys are there twice and more, some NULL, and one a thousand times. */
const table = `SELECT CASE WHEN i % 13 = 0 THEN NULL ELSE (hash(i) % 30)::BIGINT END AS k, 't' || i AS name, (hash(i * 5) % 100)::DOUBLE AS w FROM range(60) AS g(i)
  UNION ALL SELECT 39, 'many' || i, i FROM range(300) AS g(i)`;
const feeds = [
  { seed: 1, batchRows: 900 },
  { seed: 2, batchRows: 8000 },
];

describe('a stream looks rows up in a table as DuckDB joins them', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    const lookup = "kind = lookup, refresh = '5 min'";
    queries = await JoinedQueries.create({
      l: { columns, rows },
      t: { columns: 'k BIGINT, name VARCHAR, w DOUBLE', rows: table, options: lookup },
      u: { columns: 'k BIGINT NOT NULL, name VARCHAR', rows: "SELECT i * 2, 'u' || i FROM range(10) AS g(i)", options: lookup },
      e: { columns: 'k BIGINT', rows: 'SELECT 1 WHERE false', options: lookup },
    });
  });
  afterAll(async () => {
    await queries.close();
  });

  const bodies = {
    inner: 'SELECT l.ts, l.k, l.s, t.name, t.w FROM l JOIN t ON l.k = t.k',
    'the table first': 'SELECT l.ts, l.k, t.name FROM t JOIN l ON l.k = t.k',
    left: 'SELECT l.ts, l.k, t.name, t.w FROM l LEFT JOIN t ON l.k = t.k',
    'right, the table first': 'SELECT l.ts, l.k, t.name, t.k AS tk FROM t RIGHT JOIN l ON l.k = t.k',
    'more conditions':
      'SELECT l.ts, l.v, t.w, t.name FROM l LEFT JOIN t ON l.k = t.k AND l.v < t.w AND (l.s IS NULL OR length(t.name) > 2)',
    'NULL equals NULL': 'SELECT l.ts, l.k, t.name FROM l JOIN t ON l.k IS NOT DISTINCT FROM t.k WHERE l.v < 10',
    'a computed key': 'SELECT l.ts, t.name FROM l JOIN t ON l.k % 10 = t.k + 1 AND t.w > 50',
    'no key': 'SELECT l.ts, u.name FROM l, u WHERE l.v < u.k',
    semi: 'SELECT l.ts, l.k FROM l SEMI JOIN t ON l.k = t.k AND l.v < t.w',
    anti: 'SELECT l.ts, l.k FROM l ANTI JOIN t ON l.k = t.k AND l.v < t.w',
    in: 'SELECT ts, k FROM l WHERE k IN (SELECT k FROM u)',
    'not in': 'SELECT ts, k FROM l WHERE k NOT IN (SELECT k FROM u)',
    'in, with NULLs': 'SELECT ts, k, k IN (SELECT k FROM t) AS there FROM l',
    'not in nothing': 'SELECT ts, k FROM l WHERE k NOT IN (SELECT k FROM e)',
    'is it in nothing': 'SELECT ts, k IN (SELECT k FROM e) AS there FROM l',
    exists: 'SELECT ts, k FROM l WHERE EXISTS (SELECT 1 FROM t WHERE t.k = l.k AND t.w > l.v)',
    'not exists': 'SELECT ts, k FROM l WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.k = l.k)',
    scalar: 'SELECT ts, k, (SELECT name FROM u WHERE u.k = l.k) AS name FROM l',
    'after a frame of time': `WITH r AS (SELECT ts, k, sum(v) OVER w AS total FROM l WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '5 minutes' PRECEDING AND CURRENT ROW))
      SELECT r.ts, r.k, t.name, r.total / (1 - t.w) AS burn FROM r JOIN t ON t.k = r.k WHERE r.total > 14 * (1 - t.w) AND t.w > 90`,
    'then aggregated': `WITH j AS (SELECT l.ts, t.name FROM l JOIN t ON l.k = t.k WHERE t.w < 50)
      SELECT window_start, name, count(*) AS n FROM tumble(j, ts, INTERVAL '10 minutes') GROUP BY window_start, window_end, name`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(name, async () => {
      expect(await queries.compare(body, ...feeds)).toEqual([]);
    });
  }

  it('takes another table between two batches', async () => {
    const program = await queries.program('SELECT l.k, t.name FROM l JOIN t ON l.k = t.k');
    const [l, t] = ['l', 't'].map((table) => program.inputs.findIndex((input) => input.table === table)) as [number, number];
    const instance = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
    const bigint = { name: 'k', type: { kind: 'bigint' }, nullable: true } as const;
    const name = { name: 'name', type: { kind: 'varchar' }, nullable: true } as const;
    const ask = (): Row[] => {
      const rows: Row[] = [];
      instance.push(l, buildBatch([bigint], [[1n], [2n], [3n]]));
      for (let batch = instance.take(); batch !== null; batch = instance.take()) appendRows(batch, rows);
      return rows;
    };
    const table = (...rows: [bigint, string][]) =>
      program.inputs[t]?.columns.join() === 'k,name'
        ? buildBatch([bigint, name], rows)
        : buildBatch(
            [name, bigint],
            rows.map(([k, text]) => [text, k]),
          );
    expect(ask()).toEqual([]);
    instance.replace(t, [table([1n, 'one'], [2n, 'two']), table([2n, 'zwei'])]);
    expect(ask().length).toBe(3);
    instance.replace(t, [table([3n, 'three'])]);
    expect(ask()).toEqual([['3', 'three']]);
    instance.replace(t, []);
    expect(ask()).toEqual([]);
  });
});
