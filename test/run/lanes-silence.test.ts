import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, value DOUBLE) WITH (connector = rows, event_time = ts, max_lateness = '2 s', idle_timeout = '700 ms');
CREATE MATERIALIZED VIEW w AS SELECT window_start, window_end, host, count(*) AS n, sum(value) AS total
  FROM tumble(s, ts, INTERVAL '7 seconds') GROUP BY window_start, window_end, host;
CREATE VIEW above AS SELECT window_end AS ts, host, n FROM w;
CREATE MATERIALIZED VIEW w2 AS SELECT window_start, window_end, sum(n) AS n FROM tumble(above, ts, INTERVAL '21 seconds') GROUP BY window_start, window_end;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

/** Partitions that fall silent for seconds, at random, while others go on. */
describe('lanes whose partitions fall silent', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`count every row once, in a window or as late (seed ${seed})`, { timeout: 120_000 }, async () => {
      const random = new Random(seed);
      const rows = 120;
      const partition = () =>
        Array.from({ length: rows }, (_, i) => [
          start + BigInt(i) * second - BigInt(random.below(3)) * second,
          `h${random.below(4)}`,
          random.below(100),
        ]);
      const data = { s: { a: partition(), b: partition(), c: partition() } };
      const { folder, status } = await queries.run(data, {
        lanes: 1 + (seed % 4),
        random,
        batchRowsMax: 4,
        pauseMsMax: 4000,
        cuts: [{ afterMs: 9_000 + seed * 700, lanes: 1 + ((seed + 1) % 4) }],
      });
      expect(Object.values(status.queries).map(({ error }) => error)).toEqual([null, null]);
      const windows = folder.rows('w').map((row) => `${row[0]} ${row[2]}`);
      expect(new Set(windows).size).toBe(windows.length);
      const counted = folder.rows('w').reduce((sum, row) => sum + Number(row[3]), 0);
      expect(counted + folder.rows('s__late').length).toBe(3 * rows);
      expect(folder.rows('w2').reduce((sum, row) => sum + Number(row[2]), 0)).toBe(counted);
      expect(status.sources.s).toMatchObject({ rows: 3 * rows, late: folder.rows('s__late').length });
    });
  }
});
