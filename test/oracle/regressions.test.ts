import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { compileQuery } from '../../engine/compile/compile-query.ts';
import { QueryError } from '../../engine/diagnostic.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { catalogText, type WrittenCase } from './query-case.ts';
import { CaseReference, judge, prepareCase } from './run-case.ts';
import { streamCase } from './stream-case.ts';
import { engineCase } from './run-engine-case.ts';

interface Regression {
  readonly columns: Readonly<Record<string, string>>;
  /** Bodies of materialized views by name, in order. */
  readonly views: Readonly<Record<string, string>>;
  /** SELECT of the rows in the order in which they come, with a column `arrival` that numbers them. */
  readonly rows: string;
}

const listed = (times: readonly string[]) =>
  `SELECT ([${times.map((time) => `TIMESTAMP '${time}'`).join(', ')}])[1 + arrival] AS ts, arrival FROM range(${times.length}) r(arrival)`;
const tumble = "SELECT window_start, count(*) AS n FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start";
const hop =
  "SELECT window_start, window_end, count(*) AS n FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end";

/** What random queries have found wrong once, as small as it came out. */
const regressions: Readonly<Record<string, Regression>> = {
  'the last watermark closes windows over ends of longer windows': {
    columns: { ts: 'TIMESTAMP' },
    views: {
      v: `WITH a AS (SELECT window_start, window_end, count(*) AS n FROM tumble(t, ts, INTERVAL '1 day') GROUP BY window_start, window_end),
  b AS (SELECT window_start, window_end, count(*) AS n FROM hop(a, window_end, INTERVAL '1 second', INTERVAL '60 seconds') GROUP BY window_start, window_end)
  SELECT window_start, count(*) AS n FROM b GROUP BY window_start`.replaceAll('\n', ' '),
    },
    rows: listed(['2025-01-01 00:00:00', '2025-01-01 00:00:01']),
  },
  'rows whose time is infinity belong to no window and harm no other': {
    columns: { ts: 'TIMESTAMP' },
    views: {
      v: tumble,
      h: hop,
      r: "SELECT ts, window_end FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds')",
      f: `WITH f AS (SELECT ts FROM t WHERE ts IS NOT NULL) SELECT window_end, max(ts) AS latest FROM tumble(f, ts, INTERVAL '10 seconds') GROUP BY window_end`,
      c: "SELECT window_start, sum(n) AS n FROM tumble(v, window_start, INTERVAL '1 minute') GROUP BY window_start",
    },
    rows: listed(['infinity', '2025-01-01 00:00:00', 'infinity', '2025-01-01 00:00:05', 'infinity', '2025-01-01 00:02:00']),
  },
  'the day that the least integer names is a day': {
    columns: { ts: 'TIMESTAMP', n: 'INTEGER' },
    views: {
      v: "SELECT ts, DATE '1970-01-01' + n AS day, DATE '1970-01-01' + n < DATE '-infinity' AS before FROM t",
      l: "SELECT last_day(DATE '1970-01-01' + n) AS last FROM t WHERE n < 2147483646",
      w: "SELECT window_start, min(DATE '1970-01-01' + n) AS least FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start",
    },
    rows: `SELECT ts, ([-2147483648, 0, 2147483646])[1 + arrival] AS n, arrival FROM (${listed(['2025-01-01 00:00:00', '2025-01-01 00:00:05', '2025-01-01 00:01:00'])})`,
  },
  'a condition is not looked at where one before it keeps the row out': {
    columns: { ts: 'TIMESTAMP', n: 'INTEGER', s: 'VARCHAR' },
    views: {
      v: "SELECT n FROM t WHERE (CASE WHEN n < 5 THEN s LIKE 'a%' ELSE s IS NULL END) AND substring(s, 2)::INTEGER > 0",
      w: "SELECT n FROM t WHERE (CASE WHEN n < 5 THEN s LIKE 'a%' ELSE s IS NULL END) AND (1000000000 * substring(s, 2)::INTEGER > 0 OR 10 / n > 1)",
    },
    rows: `SELECT ts, arrival::INTEGER AS n, (['a1', 'bx', 'a2'])[1 + arrival] AS s, arrival FROM (${listed(['2025-01-01 00:00:00', '2025-01-01 00:00:05', '2025-01-01 00:01:00'])})`,
  },
  'count_if is NULL where no row brings a value': {
    columns: { ts: 'TIMESTAMP', b: 'BOOLEAN' },
    views: {
      v: "SELECT window_start, count_if(b) AS n, count_if(b) FILTER (WHERE b) AS f FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start",
      r: 'SELECT window_start, n IS NULL AS none, COALESCE(f, 7) AS c FROM v',
      s: "SELECT window_start, count_if(b) IS NULL AS none FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start HAVING count_if(b) IS NULL",
    },
    rows: `SELECT ts, ([true, NULL, false])[1 + arrival] AS b, arrival FROM (${listed(['2025-01-01 00:00:00', '2025-01-01 00:01:00', '2025-01-01 00:02:00'])})`,
  },
  'a single infinite value varies by 0': {
    columns: { ts: 'TIMESTAMP', d: 'DOUBLE' },
    views: {
      v: "SELECT window_start, stddev_pop(d) AS s, var_pop(d) AS p, var_samp(d) AS q FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start",
      h: "SELECT window_start, var_pop(d) AS p FROM hop(t, ts, INTERVAL '10 seconds', INTERVAL '20 seconds') GROUP BY window_start",
    },
    rows: `SELECT ts, (['inf'::DOUBLE, 'nan'::DOUBLE, '-inf'::DOUBLE])[1 + arrival] AS d, arrival FROM (${listed(['2025-01-01 00:00:00', '2025-01-01 00:01:00', '2025-01-01 00:02:00'])})`,
  },
};

const one = (body: string, options?: string): WrittenCase => ({
  columns: { ts: 'TIMESTAMP', k: 'BIGINT', i: 'INTERVAL' },
  views: [{ name: 'v', stored: true, body, ...(options === undefined ? {} : { options }) }],
});

describe('what random queries found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, { columns, views, rows }] of Object.entries(regressions)) {
    it(name, async () => {
      const each = { columns, views: Object.entries(views).map(([view, body]) => ({ name: view, stored: true, body })) };
      const prepared = await prepareCase(compiler, each);
      expect([...prepared.refused]).toEqual([]);
      const reference = await CaseReference.create(each);
      const values = await reference.load({ t: rows });
      const expected = await reference.answers();
      const feed = { lanes: 2, partitions: 1, batchRows: 1, pauseEvery: 2, cuts: [1500] };
      const answers = [
        ...[1, 2, 8192].map((batchRows) => streamCase(prepared, values, { batchRows, seed: 1 })),
        engineCase(prepared, values, feed),
      ];
      for (const got of await Promise.all(answers))
        for (const view of Object.keys(views)) expect(judge(got.get(view), expected.get(view)), view).toBeNull();
      reference.close();
    });
  }

  it('changes of an aggregate and of rows are put out', async () => {
    expect(await refusal(one(tumble, 'emit = changes'))).toBeNull();
    expect(await refusal(one('SELECT ts, k FROM t', 'emit = changes'))).toBeNull();
  });

  it('what is refused inside an inlined view has a place in the query that reads it', async () => {
    const inlined = { name: 'p', stored: false, body: tumble.replace('count(*)', 'avg(i)') };
    const { columns } = one('');
    const views = [inlined, { name: 'v', stored: true, body: 'SELECT window_start, n FROM p' }];
    expect(await refusal({ columns, views })).toBe('avg of interval is not supported yet');
  });

  it('a query that has failed meets the same row again after a restart', async () => {
    const body = "SELECT window_start, max(k * 2) AS m FROM tumble(t, ts, INTERVAL '1 minute') GROUP BY window_start";
    const prepared = await prepareCase(compiler, one(body));
    const reference = await CaseReference.create(one(body));
    const first = 'CASE arrival WHEN 3 THEN 9223372036854775807 ELSE arrival END';
    const values = await reference.load({
      t: `SELECT TIMESTAMP '2025-01-01' + to_seconds(arrival::INTEGER) AS ts, ${first} AS k, NULL AS i, arrival FROM range(400) r(arrival)`,
    });
    const expected = (await reference.answers()).get('v');
    expect(expected).toMatch(/Overflow/);
    const got = await engineCase(prepared, values, { lanes: 1, partitions: 1, batchRows: 20, pauseEvery: 100, cuts: [2500] });
    expect(got.get('v')).toMatch(/^overflow/);
    reference.close();
  });

  it('a query that reaches its memory limit leaves the others running', async () => {
    const { columns } = one('');
    const keyed =
      "SELECT window_start, k, count(*) AS n, min(k) AS low, max(k) AS high FROM tumble(t, ts, INTERVAL '1 hour') GROUP BY window_start, k";
    const views = [
      { name: 'small', stored: true, body: keyed, options: "max_memory = '2 MiB'" },
      {
        name: 'reader',
        stored: true,
        body: "SELECT window_start, count(*) AS n FROM tumble(small, window_start, INTERVAL '1 day') GROUP BY window_start",
      },
      { name: 'large', stored: true, body: keyed },
    ];
    const prepared = await prepareCase(compiler, { columns, views });
    const reference = await CaseReference.create({ columns, views });
    const values = await reference.load({
      t: "SELECT TIMESTAMP '2025-01-01' + to_milliseconds(arrival) AS ts, arrival AS k, NULL AS i, arrival FROM range(20000) r(arrival)",
    });
    const got = await engineCase(prepared, values, { lanes: 1, partitions: 1, batchRows: 5000, pauseEvery: 10000, cuts: [] });
    expect(got.get('small')).toMatch(/^memory limit: out of memory: \d+ bytes more do not fit into the query's limit of 2097152 bytes$/);
    expect(got.get('reader')).toMatch(/^its input \w+ has failed$/);
    expect(judge(got.get('large'), (await reference.answers()).get('large'))).toBeNull();
    reference.close();
  });
});

/** Message of the compiler for view `v`, null when it compiles. Every refusal must have a place. */
async function refusal(each: WrittenCase): Promise<string | null> {
  const { catalog } = await loadCatalog([{ path: 'q.sql', text: catalogText(each) }], {
    connectors: new Map([['rows', { name: 'rows', options: {} }]]) as never,
  });
  const query = catalog.queries.find(({ name }) => name === 'v');
  if (query === undefined) throw new Error('v is not bound');
  try {
    compileQuery(query);
    return null;
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    expect(error.span).toBeDefined();
    return error.message;
  }
}
