import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SinkPlace } from './support/memory-sink.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, n INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '9 s');
CREATE TABLE out (ts TIMESTAMP, host VARCHAR, n BIGINT) WITH (connector = memory, role = sink);
INSERT INTO out SELECT ts, host, n FROM s WHERE n > 20;
INSERT INTO out SELECT window_end, host, sum(n) FROM tumble(s, ts, INTERVAL '5 seconds') GROUP BY window_start, window_end, host;
INSERT INTO out SELECT window_end, 'all', count(*) FROM hop(s, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

function dataOf(seed: number) {
  const random = new Random(seed);
  const partition = () =>
    Array.from({ length: 120 }, (_, i) => [start + BigInt(i) * second - BigInt(random.below(8)) * second, `h${random.below(4)}`, i]);
  return { s: { a: partition(), b: partition(), c: partition() } };
}

function shown(place: SinkPlace): string[] {
  return place.seen.map((row) => row.map(String).join(' ')).sort();
}

describe('INSERT INTO a sink from several lanes', () => {
  for (const seed of [1, 2, 3]) {
    it(`brings the rows of all lanes once, through restarts too (seed ${seed})`, { timeout: 120_000 }, async () => {
      const data = dataOf(seed);
      const alone = new SinkPlace();
      await queries.run(data, { lanes: 1, random: new Random(seed), batchRowsMax: 20, place: alone });
      expect(alone.seen.length).toBeGreaterThan(300);
      const together = new SinkPlace();
      const cuts = [
        { afterMs: 2_300 + seed * 411, lanes: 2 },
        { afterMs: 1_900 + seed * 290, lanes: 4 },
      ];
      const { status } = await queries.run(data, { lanes: 3, random: new Random(seed + 7), batchRowsMax: 9, cuts, place: together });
      expect(Object.values(status.queries).map(({ error }) => error)).toEqual([null, null, null]);
      expect(shown(together)).toEqual(shown(alone));
    });
  }

  it('prepares what all lanes bring to an epoch before the store commits it, and commits it afterwards', { timeout: 120_000 }, async () => {
    const place = new SinkPlace();
    await queries.run(dataOf(4), { lanes: 3, random: new Random(4), batchRowsMax: 9, place });
    const prepared = place.calls.filter((call) => call.startsWith('prepare')).map((call) => call.slice('prepare '.length));
    const committed = place.calls.filter((call) => call.startsWith('commit')).map((call) => call.slice('commit '.length));
    expect(committed).toEqual(prepared);
    expect(new Set(committed).size).toBe(committed.length);
    expect(place.prepared.size).toBe(0);
  });
});
