import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JoinedQueries } from './support/joined-query.ts';

const columns = 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR, v DOUBLE';
/** Times of the right are all different for each key, so that the answer is determined. */
const rows = (count: number, salt: number, step: number, jitter: number) =>
  `SELECT TIMESTAMP '2024-01-01' + to_seconds(i * ${step}) AS ts,
     CASE WHEN hash(i + ${salt}) % 11 = 0 THEN NULL ELSE (hash(i + ${salt}) % 7)::BIGINT END AS k,
     CASE WHEN hash(i * 3 + ${salt}) % 9 = 0 THEN NULL ELSE 's' || (hash(i * 3 + ${salt}) % 5) END AS s, (hash(i * 5 + ${salt}) % 100)::DOUBLE AS v
   FROM range(${count}) AS g(i) ORDER BY i + (hash(i * 11 + ${salt}) % ${jitter})::BIGINT, i`;
const feeds = [
  { seed: 1, batchRows: 1 },
  { seed: 2, batchRows: 13 },
  { seed: 3, batchRows: 400 },
  { seed: 4, batchRows: 8000 },
];

describe('ASOF JOIN answers as DuckDB', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    queries = await JoinedQueries.create({
      l: { columns, rows: rows(1500, 1, 1, 90) },
      r: { columns, rows: rows(500, 2, 3, 40) },
      p: { columns, rows: rows(400, 3, 5, 300), options: 'kind = versioned' },
    });
  });
  afterAll(async () => {
    await queries.close();
  });

  for (const type of ['ASOF JOIN', 'ASOF LEFT JOIN']) {
    for (const [name, on] of Object.entries({
      'at or before': 'l.k = r.k AND l.ts >= r.ts',
      before: 'l.k = r.k AND l.ts > r.ts',
      'of two keys': 'l.k = r.k AND l.s = r.s AND l.ts >= r.ts',
      'without a key': 'l.ts >= r.ts',
      'a while before': "l.k = r.k AND l.ts >= r.ts + INTERVAL '40 seconds'",
    })) {
      it(`${type}: ${name}`, async () => {
        expect(await queries.compare(`SELECT l.ts, l.k, l.s, r.ts AS rts, r.s AS rs, r.v FROM l ${type} r ON ${on}`, ...feeds)).toEqual([]);
      });
    }
  }

  it('joins with a versioned table, and what comes out has an event time', async () => {
    const priced = "(SELECT l.ts, l.v * p.v AS cost FROM l ASOF JOIN (SELECT * FROM p WHERE s = 's1') AS p ON l.ts >= p.ts)";
    const body = `WITH priced AS ${priced} SELECT window_start, sum(cost) AS cost FROM tumble(priced, ts, INTERVAL '1 minute') GROUP BY window_start, window_end`;
    expect(await queries.compare(body, ...feeds)).toEqual([]);
  });
});

describe('ASOF JOIN by its definition', () => {
  const second = (seconds: number): string => `TIMESTAMP '2024-01-01' + to_seconds(${seconds})`;
  const tables = {
    l: { columns: 'ts TIMESTAMP NOT NULL, k VARCHAR, n BIGINT', rows: '' },
    r: { columns: 'ts TIMESTAMP NOT NULL, k VARCHAR, price BIGINT', rows: '' },
  };
  const values = (rows: readonly (readonly [number, string | null, number])[]): string =>
    rows.map(([at, k, n]) => `SELECT ${second(at)}, ${k === null ? 'NULL' : `'${k}'`}, ${n}`).join(' UNION ALL ');

  it('takes the newest version at or before each row, whatever the order of arrival', async () => {
    const queries = await JoinedQueries.create({
      l: {
        ...tables.l,
        rows: values([
          [5, 'a', 1],
          [1, 'a', 2],
          [10, 'a', 3],
          [10, 'b', 4],
          [12, null, 5],
          [30, 'a', 6],
        ]),
      },
      r: {
        ...tables.r,
        rows: values([
          [10, 'a', 20],
          [2, 'a', 10],
          [11, 'b', 99],
          [0, null, 77],
          [40, 'a', 30],
        ]),
      },
    });
    const expected = {
      inner: [
        ['1', '10'],
        ['3', '20'],
        ['6', '20'],
      ],
      left: [
        ['1', '10'],
        ['2', null],
        ['3', '20'],
        ['4', null],
        ['5', null],
        ['6', '20'],
      ],
    };
    for (const [type, rows] of Object.entries(expected)) {
      const program = await queries.program(`SELECT l.n, r.price FROM l ASOF ${type} JOIN r ON l.k = r.k AND l.ts >= r.ts`);
      for (const seed of [1, 2, 3, 4, 5]) {
        const got = (await queries.stream(program, { seed, batchRows: 2 })).rows;
        expect([...got].sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(rows);
      }
    }
    await queries.close();
  });
});
