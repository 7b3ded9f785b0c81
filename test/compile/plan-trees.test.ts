import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WindowedQueries } from './support/windowed-query.ts';

const rows = 9_003;
/** Rows come up to 25 s behind the largest time before them. */
const lateness = 25_000_000n;
const definitions = 'ts TIMESTAMP, k BIGINT, g INTEGER NOT NULL, s VARCHAR, d DOUBLE, l INTEGER[], e VARCHAR[], m MAP(VARCHAR, BIGINT)';

function table(): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt}) >> 8)`;
  return `SELECT
    CASE WHEN ${n(1)} % 100 = 0 THEN NULL ELSE TIMESTAMP '2025-01-01 00:00:00' + to_microseconds((i * 20000 - (${n(2)} % 24000000))::BIGINT) END,
    CASE WHEN ${n(3)} % 10 = 0 THEN NULL ELSE (${n(4)} % 7)::BIGINT - 3 END,
    (${n(5)} % 40)::INTEGER,
    CASE WHEN ${n(6)} % 10 = 0 THEN NULL ELSE ['', 'a', 'é', 'x' || (${n(7)} % 30)::VARCHAR][1 + (${n(8)} % 4)::INTEGER] END,
    CASE WHEN ${n(9)} % 10 = 0 THEN NULL WHEN ${n(9)} % 10 = 1 THEN 'nan'::DOUBLE ELSE (${n(10)} % 1000)::DOUBLE / 8 END,
    CASE WHEN ${n(11)} % 10 = 0 THEN NULL ELSE list_transform(range((${n(12)} % 4)::BIGINT), lambda x: CASE WHEN (x + i) % 5 = 0 THEN NULL ELSE (x * 7 + i)::INTEGER END) END,
    CASE WHEN ${n(13)} % 10 = 0 THEN NULL ELSE list_transform(range((${n(14)} % 3)::BIGINT), lambda x: 'e' || ((x + i) % 9)::VARCHAR) END,
    CASE WHEN ${n(15)} % 10 = 0 THEN NULL ELSE map(['a', 'b', 'c' || (i % 4)::VARCHAR][1:(${n(16)} % 4)::BIGINT], [i, i + 1, NULL][1:(${n(16)} % 4)::BIGINT]) END
  FROM range(${rows}) r(i)`;
}

const queries: Readonly<Record<string, string>> = {
  'hop rows': "SELECT window_start, window_end, ts, k, s FROM hop(t, ts, INTERVAL '10 seconds', INTERVAL '30 seconds') WHERE g < 9",
  'tumble rows':
    "SELECT window_start, window_end, ts, k FROM tumble(t, ts, INTERVAL '10 seconds') WHERE g < 9 AND epoch_us(window_end) % 20000000 = 0",
  'union all': 'SELECT ts, k, s FROM t WHERE g = 1 UNION ALL SELECT ts, g, NULL FROM t WHERE k = 2',
  'union of three, filtered above': `SELECT * FROM (SELECT ts, k AS n, s FROM t UNION ALL SELECT ts, g, s FROM t UNION ALL SELECT ts, NULL, 'c' FROM t) WHERE n = 2 OR s = 'c'`,
  'aggregate over a union': `WITH u AS (SELECT ts, k AS n FROM t WHERE g < 20 UNION ALL SELECT ts, g FROM t WHERE k > 0)
    SELECT window_start, n, count(*) FROM tumble(u, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, n`,
  'union of aggregates': `SELECT window_start AS w, count(*) AS n FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end
    UNION ALL SELECT window_end, sum(g) FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end`,
  unnest: 'SELECT ts, k, unnest(l) AS x FROM t',
  'unnest side by side': 'SELECT ts, unnest(l) AS x, unnest(e) AS y, g FROM t',
  'unnest of a map': 'SELECT ts, unnest(map_keys(m)) AS key, unnest(map_values(m)) AS value FROM t',
  'unnest of entries': 'SELECT ts, x.key AS key, x.value AS value FROM (SELECT ts, unnest(map_entries(m)) AS x FROM t)',
  'unnest of a computed list': "SELECT ts, unnest(string_split(s, 'x')) AS part FROM t",
  'aggregate over unnest': `WITH u AS (SELECT ts, unnest(e) AS x FROM t)
    SELECT window_start, x, count(*) FROM tumble(u, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, x`,
  'unnest over unnest': 'SELECT ts, x, unnest(l) AS y FROM (SELECT ts, l, unnest(e) AS x FROM t)',
  'unnest over an aggregate': `SELECT w, unnest([n, m]) AS x FROM (SELECT window_start AS w, count(*) AS n, max(g)::BIGINT AS m FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end)`,
  'time bucket': "SELECT time_bucket(INTERVAL '10 seconds', ts) AS b, k, count(*), sum(g) FROM t GROUP BY b, k",
  'odd time bucket': "SELECT time_bucket(INTERVAL '7 seconds', ts) AS b, count(*) FROM t GROUP BY b",
  'truncated time': "SELECT date_trunc('minute', ts) AS b, s, count(*), max(d) FROM t GROUP BY b, s",
  'months and days': "SELECT date_trunc('month', ts) AS b, ts::DATE AS y, count(*) FROM t GROUP BY b, y",
  'by day': 'SELECT ts::DATE AS y, count(*) FROM t GROUP BY y',
  'by a text of time': "SELECT strftime(ts, '%Y-%m-%d %H:%M') AS b, count(*) FROM t GROUP BY b",
  'by time itself': 'SELECT ts, count(*), min(g) FROM t WHERE g < 3 GROUP BY ts',
  'cascade by bucket': `WITH a AS (SELECT date_trunc('second', ts) AS b, k, count(*) AS n FROM t GROUP BY b, k)
    SELECT time_bucket(INTERVAL '1 minute', b) AS c, sum(n), max(k) FROM a GROUP BY c`,
  'window over a bucket': `WITH a AS (SELECT date_trunc('second', ts) AS b, k, count(*) AS n FROM t GROUP BY b, k)
    SELECT window_end, sum(n) FROM tumble(a, b, INTERVAL '20 seconds') GROUP BY window_start, window_end`,
  'union with constants': "SELECT ts, k FROM t WHERE g = 3 UNION ALL VALUES (TIMESTAMP '2024-01-01 00:00:00', 1), (NULL, 2)",
  'a query read twice': `WITH a AS (SELECT window_start AS w, k, count(*) AS n FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k)
    SELECT w, n FROM a WHERE k = 1 UNION ALL SELECT w, -n FROM a WHERE k = 2`,
};

describe('plans with branches agree with DuckDB', () => {
  let made: WindowedQueries;

  beforeAll(async () => {
    made = await WindowedQueries.create(definitions, table());
  });
  afterAll(async () => await made.close());

  for (const [name, body] of Object.entries(queries)) {
    for (const batchRows of [1000, 8192]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await made.compare(body, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});
