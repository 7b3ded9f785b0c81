import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;
const rows = 2000;
const batchRows = 20;
/** Twice the longest window (seconds), and what is read ahead of it: a row of a partition is a second. */
const leadMax = 2 * 40 + 3 * batchRows;

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, value DOUBLE) WITH (connector = rows, event_time = ts, max_lateness = '1 s');
CREATE MATERIALIZED VIEW w AS SELECT window_start, window_end, host, count(*) AS n FROM tumble(s, ts, INTERVAL '40 seconds')
  GROUP BY window_start, window_end, host;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

function partition(seed: number) {
  const random = new Random(seed);
  return Array.from({ length: rows }, (_, i) => [start + BigInt(i) * second, `h${random.below(3)}`, i]);
}

/** How far the partition that was read furthest was ahead of the other one, in rows, while that one had rows left. */
function leadOf() {
  const read = new Map<string, number>([
    ['a', 0],
    ['b', 0],
  ]);
  let most = 0;
  return {
    read: (name: string, to: number) => {
      read.set(name, to);
      const [least, largest] = [...read.values()].sort((a, b) => a - b) as [number, number];
      if (least < rows) most = Math.max(most, largest - least);
    },
    most: () => most,
  };
}

describe('a lane that is ahead of the others in event time', () => {
  const data = { s: { a: partition(1), b: partition(2) } };
  const settings = { lanes: 2, batchRowsMax: batchRows };

  it('waits when all rows are at hand', { timeout: 120_000 }, async () => {
    const lead = leadOf();
    const run = await queries.run(data, { ...settings, random: new Random(1), paced: true, pausesMs: { b: 30 }, read: lead.read });
    expect(lead.most()).toBeLessThanOrEqual(leadMax);
    expect(run.rows.w).toEqual((await queries.run(data, { ...settings, lanes: 1, random: new Random(1) })).rows.w);
  });

  it('goes on when the others have nothing to read', { timeout: 120_000 }, async () => {
    const lead = leadOf();
    await queries.run(data, { ...settings, random: new Random(1), paced: true, pausesMs: { b: 3000 }, read: lead.read });
    expect(lead.most()).toBeGreaterThan(rows / 2);
  });

  it('goes on when rows come as they happen', { timeout: 120_000 }, async () => {
    const lead = leadOf();
    await queries.run(data, { ...settings, random: new Random(1), paced: false, pausesMs: { b: 30 }, read: lead.read });
    expect(lead.most()).toBeGreaterThan(rows / 2);
  });
});
