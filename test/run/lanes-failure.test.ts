import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;

const sql = `
CREATE TABLE s (ts TIMESTAMP, id BIGINT) WITH (connector = rows, event_time = ts, max_lateness = '0 s');
CREATE MATERIALIZED VIEW big AS SELECT window_start, window_end, id, stddev_pop(id::DOUBLE) AS d FROM tumble(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, id;
CREATE VIEW above AS SELECT window_end AS ts, id FROM big;
CREATE MATERIALIZED VIEW reader AS SELECT window_start, count(*) AS n FROM tumble(above, ts, INTERVAL '20 seconds') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW small AS SELECT window_start, count(*) AS n FROM tumble(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

/** In the second window there are more ids than fit into the memory; after a restart there is enough. */
it('a query that fails in one lane fails in all, alone, and goes on from the same rows after a restart', { timeout: 120_000 }, async () => {
  const rows = (partition: number) =>
    Array.from({ length: 100_000 }, (_, i) => [start + BigInt(i) * 250n, BigInt(i < 60_000 ? i % 5 : i * 2 + partition)]);
  const data = { s: { a: rows(0), b: rows(1) } };
  const settings = { random: new Random(1), batchRowsMax: 8000 };
  const whole = await queries.run(data, { ...settings, lanes: 1 });
  const failed = await queries.run(data, { ...settings, lanes: 4, memoryBytesMax: 1200 << 10 });
  const [big, reader, small] = queries.catalog.queries.map(({ id }) => failed.status.queries[id]);
  expect(big?.error).toMatch(/^memory limit: /);
  expect(reader?.error).toBe(`its input ${queries.catalog.queries[0]?.id} has failed`);
  expect([big?.state, reader?.state, small?.state]).toEqual(['failed', 'failed', 'ended']);
  expect(failed.rows.small).toEqual(whole.rows.small);
  expect(failed.rows.big?.length).toBeLessThan(whole.rows.big?.length ?? 0);
  const again = await queries.run(data, { ...settings, lanes: 3, folder: failed.folder });
  expect(again.rows).toEqual(whole.rows);
});
