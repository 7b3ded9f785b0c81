import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import { drain, WindowedQueries } from './support/windowed-query.ts';

const seed = Number(process.env.MILLRACE_SEED ?? 20260102);
/** Rows come up to 25 s behind the largest time before them. */
const lateness = 25_000_000n;
const definitions = 'ts TIMESTAMP, k BIGINT, g INTEGER, s VARCHAR, v DOUBLE NOT NULL, b BIGINT, z VARCHAR, o BOOLEAN';

/** Times lie on whole 250 ms, so that some rows lie exactly a gap apart. */
function table(rows: number): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  const nullable = (salt: number, expression: string, percent: number) =>
    `CASE WHEN ${n(salt)} % 100 < ${percent} THEN NULL ELSE ${expression} END`;
  return `SELECT
    CASE WHEN ${n(1)} % 100 = 0 THEN NULL WHEN ${n(1)} % 500 = 1 THEN 'infinity'::TIMESTAMP WHEN ${n(1)} % 500 = 2 THEN '-infinity'::TIMESTAMP
      ELSE TIMESTAMP '2025-01-01 00:00:00' + to_microseconds(((i * 20 - (${n(2)} % 24000)) // 250 * 250000)::BIGINT) END,
    ${nullable(3, `(${n(4)} % 40)::BIGINT - 3`, 10)},
    (${n(5)} % 60)::INTEGER,
    ${nullable(6, `['', 'a', 'é', 'x' || (${n(7)} % 30)::VARCHAR][1 + (${n(8)} % 4)::INTEGER]`, 10)},
    (${n(9)} % 100000)::DOUBLE / 8,
    ${nullable(10, `CASE ${n(11)} % 9 WHEN 0 THEN 9223372036854775807 ELSE (${n(12)} % 1000)::BIGINT - 500 END`, 10)},
    ${nullable(13, `'n' || (${n(14)} % 500)::VARCHAR`, 30)},
    ${nullable(15, `${n(16)} % 2 = 0`, 20)}
  FROM range(${rows}) t(i)`;
}

const by = (keys: string, list: string, gap = '3 seconds', tail = '') =>
  `SELECT window_start, window_end, ${list} FROM session(t, ts, ${keys}, INTERVAL '${gap}') GROUP BY window_start, window_end${tail}`;

const queries: Record<string, string> = {
  'one key': by('k', 'k, count(*), sum(v), min(b), max(z)', '3 seconds', ', k'),
  'dense key': by('g', 'g, count(*), avg(v), min(v), max(v)', '2 seconds', ', g'),
  'string key': by('s', 's, count(*), sum(b), count(z)', '500 milliseconds', ', s'),
  'two keys': by('(k, s)', 'k, s, count(*), stddev(v), bool_or(o)', '5 seconds', ', k, s'),
  'three keys': by('(g, o, s)', 'o, g, s, count(*), arg_max(z, v)', '10 seconds', ', g, o, s'),
  'picks by an order': by('g', 'g, arg_min(b, v), arg_max(z, v), min_by(s, v)', '4 seconds', ', g'),
  filters: by('k', 'k, count(*) FILTER (WHERE o), sum(v) FILTER (WHERE b > 0), max(z) FILTER (WHERE s IS NULL)', '3 seconds', ', k'),
  'long gap': by('k', 'k, count(*), sum(v)', '5 minutes', ', k'),
  'tiny gap': by('k', 'k, count(*), sum(v)', '1 microsecond', ', k'),
  'expression key':
    `SELECT window_end, m, count(*), sum(v) FROM session(u, ts, m, INTERVAL '3 seconds') GROUP BY window_start, window_end, m`.replace(
      /^/,
      'WITH u AS (SELECT ts, v, k % 5 AS m FROM t WHERE v > 100) ',
    ),
  'one bound': "SELECT window_end, g, count(*) FROM session(t, ts, g, INTERVAL '2 seconds') GROUP BY window_end, g",
  'end of the key left out':
    "SELECT window_start, count(*), sum(v) FROM session(t, ts, g, INTERVAL '2 seconds') GROUP BY window_start, window_end",
  having:
    "SELECT g, n FROM (SELECT g, window_end, count(*) AS n FROM session(t, ts, g, INTERVAL '2 seconds') GROUP BY g, window_start, window_end) WHERE n > 12",
  'length of sessions':
    "SELECT g, epoch_us(window_end) - epoch_us(window_start) AS length, n FROM (SELECT g, window_start, window_end, count(*) AS n FROM session(t, ts, g, INTERVAL '2 seconds') GROUP BY g, window_start, window_end)",
  rows: "SELECT window_start, window_end, ts, k, z FROM session(t, ts, k, INTERVAL '1 second')",
  'all columns of rows': "SELECT * FROM session(t, ts, (k, s), INTERVAL '3 seconds')",
  'rows filtered after':
    "SELECT window_start, ts, k, z FROM session(t, ts, k, INTERVAL '2 seconds') WHERE o AND window_end > TIMESTAMP '2025-01-01 00:00:30'",
  'a filter between':
    "SELECT window_start, k, count(*) FROM session(t, ts, k, INTERVAL '2 seconds') WHERE o GROUP BY window_start, window_end, k",
  'aggregates that read the bounds': by('g', 'g, count(*), max(epoch_us(ts) - epoch_us(window_start))', '2 seconds', ', g'),
  'more groups than keys': by('g', 'g, o, count(*), sum(v)', '2 seconds', ', g, o'),
  'a hop over sessions': `WITH a AS (${by('g', 'g, count(*) AS n', '2 seconds', ', g')}) SELECT window_start, sum(n), max(n) FROM hop(a, window_end, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end`,
  'sessions over windows': `WITH a AS (SELECT window_start, g, count(*) AS n FROM tumble(t, ts, INTERVAL '1 second') GROUP BY window_start, window_end, g) SELECT window_start, window_end, g, sum(n) FROM session(a, window_start, g, INTERVAL '3 seconds') GROUP BY window_start, window_end, g`,
  'sessions over window ends': `WITH a AS (SELECT window_end, g % 7 AS h, count(*) AS n FROM hop(t, ts, INTERVAL '1 second', INTERVAL '2 seconds') GROUP BY window_start, window_end, g % 7) SELECT window_start, window_end, h, sum(n), count(*) FROM session(a, window_end, h, INTERVAL '2 seconds') GROUP BY window_start, window_end, h`,
  'sessions over sessions': `WITH a AS (${by('k', 'k, count(*) AS n', '1 second', ', k')}) SELECT window_start, window_end, k, sum(n) FROM session(a, window_end, k, INTERVAL '3 seconds') GROUP BY window_start, window_end, k`,
};

describe('session windows agree with DuckDB', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(definitions, table(9_003));
  });
  afterAll(async () => {
    await stream.close();
  });
  for (const [name, body] of Object.entries(queries)) {
    for (const batchRows of name === 'one key' || name === 'rows' ? [1, 7, 8192] : [500]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await stream.compare(body, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});

/** Rows with time in seconds and key, by which batches come; then what a watermark lets out. */
describe('session windows, by hand', () => {
  const second = 1_000_000n;
  const body =
    "SELECT k, epoch_us(window_start) // 1000000 AS s, epoch_us(window_end) // 1000000 AS e, count(*) AS n FROM session(t, ts, k, INTERVAL '10 seconds') GROUP BY k, window_start, window_end";
  const rows = [
    [0, 1],
    [25, 1],
    [5, 2],
    [15, 2],
    // Bridges the sessions 0 and 25 of key 1 together with 17.
    [9, 1],
    [17, 1],
    [60, 1],
  ];
  it('bridges, keeps rows a gap apart from each other, closes at the gap after the last row', async () => {
    const values = rows.map(([time, key]) => `(make_timestamp(${time}::BIGINT * 1000000), ${key}::BIGINT)`).join(', ');
    const stream = await WindowedQueries.create('ts TIMESTAMP, k BIGINT', `FROM (VALUES ${values})`);
    try {
      const program = await stream.program(body);
      const instance = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
      const out = (): unknown[][] => {
        const taken: unknown[][] = [];
        drain(instance, taken as never);
        return taken
          .map((row) => row.map(Number))
          .sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number));
      };
      instance.push(0, stream.batch(program, 0, rows.length));
      expect(out()).toEqual([]);
      instance.advance(15n * second - 1n);
      expect(out()).toEqual([]);
      expect(instance.oldestOpenStart()).toBe(0n);
      instance.advance(15n * second);
      expect(out()).toEqual([[2, 5, 15, 1]]);
      instance.advance(25n * second);
      expect(out()).toEqual([[2, 15, 25, 1]]);
      instance.advance(35n * second - 1n);
      expect(out()).toEqual([]);
      instance.advance(35n * second);
      expect(out()).toEqual([[1, 0, 35, 4]]);
      expect(instance.oldestOpenStart()).toBe(60n * second);
      instance.advance((1n << 63n) - 1n);
      expect(out()).toEqual([[1, 60, 70, 1]]);
      expect(instance.oldestOpenStart()).toBe(null);
    } finally {
      await stream.close();
    }
  });

  it('does not put out again what was put out before a restart', async () => {
    const values = rows.map(([time, key]) => `(make_timestamp(${time}::BIGINT * 1000000), ${key}::BIGINT)`).join(', ');
    const stream = await WindowedQueries.create('ts TIMESTAMP, k BIGINT', `FROM (VALUES ${values})`);
    try {
      const program = await stream.program(body);
      const instance = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
      instance.resumeFrom(25n * second);
      instance.push(0, stream.batch(program, 0, rows.length));
      const out: unknown[][] = [];
      instance.advance((1n << 63n) - 1n);
      drain(instance, out as never);
      expect(out.map((row) => row.map(Number)).sort()).toEqual([
        [1, 0, 35, 4],
        [1, 60, 70, 1],
      ]);
    } finally {
      await stream.close();
    }
  });
});
