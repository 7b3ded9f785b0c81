import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { CaseReference, judge, prepareCase, streamCase } from './run-case.ts';

interface Regression {
  readonly columns: Readonly<Record<string, string>>;
  /** Bodies of materialized views by name, in order. */
  readonly views: Readonly<Record<string, string>>;
  /** SELECT of the rows in the order in which they come, with a column `arrival` that numbers them. */
  readonly rows: string;
}

const seconds = (count: number) =>
  `SELECT TIMESTAMP '2025-01-01 00:00:00' + to_seconds(arrival::INTEGER) AS ts, arrival FROM range(${count}) r(arrival)`;

/** What random queries have found wrong once, as small as it came out. */
const regressions: Readonly<Record<string, Regression>> = {
  'the last watermark closes windows over ends of longer windows': {
    columns: { ts: 'TIMESTAMP' },
    views: {
      v: `SELECT window_start, count(*) AS n FROM (SELECT window_start, window_end, count(*) AS n FROM hop(a, window_end, INTERVAL '1 second', INTERVAL '60 seconds') GROUP BY window_start, window_end) GROUP BY window_start`.replace(
        /^/,
        `WITH a AS (SELECT window_start, window_end, count(*) AS n FROM tumble(t, ts, INTERVAL '1 day') GROUP BY window_start, window_end) `,
      ),
    },
    rows: seconds(3),
  },
};

describe('what random queries found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, { columns, views, rows }] of Object.entries(regressions)) {
    it(name, async () => {
      const each = { columns, views: Object.entries(views).map(([view, body]) => ({ name: view, stored: true, body })) };
      const prepared = await prepareCase(compiler, each);
      expect([...prepared.refused]).toEqual([]);
      const reference = await CaseReference.create(each);
      const values = await reference.load(rows);
      const expected = await reference.answers();
      for (const batchRows of [1, 7, 8192]) {
        const got = await streamCase(prepared, values, { batchRows, seed: 1 });
        for (const view of Object.keys(views)) expect(judge(got.get(view), expected.get(view)), view).toBeNull();
      }
      reference.close();
    });
  }
});
