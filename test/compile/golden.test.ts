import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileQuery } from '../../engine/compile/compile-query.ts';
import { defineQuery } from './support/windowed-query.ts';

const definitions = 'ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, k BIGINT, v DOUBLE, kind INTEGER, ok BOOLEAN';

/** The source that is generated, as reviewed; `npm run test:golden` writes it anew. */
const golden: Readonly<Record<string, string>> = {
  'filter-tumble': `WITH f AS (SELECT * FROM t WHERE v > 10 AND kind = 2)
    SELECT window_start, k, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high
    FROM tumble(f, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k`,
  'hop-strings': `SELECT window_start, window_end, host, avg(v) AS mean, stddev(v) AS spread, arg_max(k, v) AS worst, count(*) FILTER (WHERE NOT ok) AS failed
    FROM hop(t, ts, INTERVAL '1 minute', INTERVAL '5 minutes') GROUP BY window_start, window_end, host`,
  stateless: `SELECT ts, host, v * 2 AS twice FROM t WHERE kind IN (1, 2) AND host <> 'test'`,
};

describe('generated source', () => {
  for (const [name, body] of Object.entries(golden)) {
    it(name, async () => {
      const { source } = compileQuery(await defineQuery(definitions, body, 'q'));
      await expect(source).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name}.txt`));
    });
  }
});
