import type { RowsShape } from './rows.ts';

/** One operator: its inputs by name, and the SELECT over them that the kernel and DuckDB both run. */
export interface OperatorCase {
  readonly name: string;
  readonly sql: string;
  readonly inputs: Readonly<Record<string, RowsShape>>;
  /** Inputs that are there before the others' first row; neither their loading nor their rows are measured. */
  readonly lookups?: readonly string[];
  /** Microseconds that rows may come behind the latest before them. */
  readonly latenessMicros: number;
  /** Result columns that are doubles; the others are integers or timestamps. */
  readonly doubles: readonly string[];
  readonly integers: readonly string[];
  /** All, in the order of the SELECT. */
  readonly columns: readonly string[];
}

const aggregates = 'count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high';

export type CaseMaker = (rows: number, keys: number) => OperatorCase;

const oneInput = (rows: number, keys: number, step: number, jitter = 0): Record<string, RowsShape> => ({
  t: { count: rows, keys, seed: 1, step, jitter },
});
const twoInputs = (rows: number, keys: number): Record<string, RowsShape> => ({
  a: { count: rows >> 1, keys, seed: 1, step: 1000, jitter: 0 },
  b: { count: rows >> 1, keys, seed: 2, step: 1000, jitter: 0 },
});

/** 5 minutes by 5 seconds: 33,000 rows in a slide. */
const hop: CaseMaker = (rows, keys) => ({
  name: 'hop 5 min by 5 s',
  sql: `SELECT window_start, k, ${aggregates} FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '5 minutes') GROUP BY window_start, window_end, k`,
  inputs: oneInput(rows, keys, 150),
  latenessMicros: 0,
  integers: ['window_start', 'k', 'n'],
  doubles: ['total', 'low', 'high'],
  columns: ['window_start', 'k', 'n', 'total', 'low', 'high'],
});

/** 4.4 rows in a session on average, rows out of order by 0.4 of the gap. */
const session: CaseMaker = (rows, keys) => {
  const gap = Math.ceil(keys * 1.5) * 1000;
  return {
    name: 'session',
    sql: `SELECT window_start, window_end, k, ${aggregates} FROM session(t, ts, k, INTERVAL '${gap} microseconds') GROUP BY window_start, window_end, k`,
    inputs: oneInput(rows, keys, 1000, gap * 0.4),
    latenessMicros: Math.ceil(gap * 0.4) + 1,
    integers: ['window_start', 'window_end', 'k', 'n'],
    doubles: ['total', 'low', 'high'],
    columns: ['window_start', 'window_end', 'k', 'n', 'total', 'low', 'high'],
  };
};

const over: CaseMaker = (rows, keys) => ({
  name: 'OVER 10 rows, five outputs',
  sql: 'SELECT ts, k, count(v) OVER w AS n, sum(v) OVER w AS total, avg(v) OVER w AS mean, min(v) OVER w AS low, max(v) OVER w AS high FROM t WINDOW w AS (PARTITION BY k ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)',
  inputs: oneInput(rows, keys, 1000),
  latenessMicros: 0,
  integers: ['ts', 'k', 'n'],
  doubles: ['total', 'mean', 'low', 'high'],
  columns: ['ts', 'k', 'n', 'total', 'mean', 'low', 'high'],
});

/** As many rows of a key in a window as make one match. */
const windowJoin: CaseMaker = (rows, keys) => ({
  name: 'window join, 1 match',
  sql: `SELECT a.k, a.window_start, a.v AS x, b.v AS y FROM tumble(a, ts, INTERVAL '${keys} milliseconds') AS a JOIN tumble(b, ts, INTERVAL '${keys} milliseconds') AS b ON a.k = b.k AND a.window_start = b.window_start AND a.window_end = b.window_end`,
  inputs: twoInputs(rows, keys),
  latenessMicros: 0,
  integers: ['k', 'window_start'],
  doubles: ['x', 'y'],
  columns: ['k', 'window_start', 'x', 'y'],
});

const intervalJoin =
  (matches: number): CaseMaker =>
  (rows, keys) => ({
    name: `interval join, ${matches} match${matches === 1 ? '' : 'es'}`,
    sql: `SELECT a.k, a.ts, b.ts AS since, a.v AS x, b.v AS y FROM a JOIN b ON a.k = b.k AND a.ts BETWEEN b.ts AND b.ts + INTERVAL '${keys * matches} milliseconds'`,
    inputs: twoInputs(rows, keys),
    latenessMicros: 0,
    integers: ['k', 'ts', 'since'],
    doubles: ['x', 'y'],
    columns: ['k', 'ts', 'since', 'x', 'y'],
  });

const asof: CaseMaker = (rows, keys) => ({
  name: 'ASOF join',
  sql: 'SELECT a.k, a.ts, b.ts AS since, a.v AS x, b.v AS y FROM a ASOF JOIN b ON a.k = b.k AND a.ts >= b.ts',
  inputs: twoInputs(rows, keys),
  latenessMicros: 0,
  integers: ['k', 'ts', 'since'],
  doubles: ['x', 'y'],
  columns: ['k', 'ts', 'since', 'x', 'y'],
});

const lookup: CaseMaker = (rows, keys) => ({
  name: 'lookup join',
  sql: 'SELECT a.k, a.ts, a.v AS x, b.v AS y FROM a JOIN b ON a.k = b.k',
  inputs: {
    a: { count: rows, keys, seed: 1, step: 1000, jitter: 0 },
    b: { count: keys, keys, seed: 2, step: 1000, jitter: 0, serial: true },
  },
  lookups: ['b'],
  latenessMicros: 0,
  integers: ['k', 'ts'],
  doubles: ['x', 'y'],
  columns: ['k', 'ts', 'x', 'y'],
});

export const caseMakers: Readonly<Record<string, CaseMaker>> = {
  hop,
  session,
  over,
  window_join: windowJoin,
  interval_join_1: intervalJoin(1),
  interval_join_10: intervalJoin(10),
  asof,
  lookup,
};

/** One window whose groups are all new. */
export function growthCase(keys: number): OperatorCase {
  return {
    name: `growth to ${keys.toLocaleString('en')} keys`,
    sql: `SELECT window_start, k, ${aggregates} FROM tumble(t, ts, INTERVAL '1 day') GROUP BY window_start, window_end, k`,
    inputs: { t: { count: keys, keys, seed: 1, step: 0.001, jitter: 0, distinct: true } },
    latenessMicros: 0,
    integers: ['window_start', 'k', 'n'],
    doubles: ['total', 'low', 'high'],
    columns: ['window_start', 'k', 'n', 'total', 'low', 'high'],
  };
}
