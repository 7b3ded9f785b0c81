export interface ExchangedView {
  readonly options?: string;
  readonly made: string;
  readonly columns: string;
  /** How many rows its results stand for; none: it is not waited for. */
  readonly count?: string;
  /** The same over the rows that were stored. */
  readonly check: string;
}

const stored = '(SELECT * FROM passed WHERE n >= 0)';

/** Views that put rows of different partitions together. */
export const exchangedViews: Readonly<Record<string, ExchangedView>> = {
  by_digit: {
    made: "SELECT window_start, n % 7 AS digit, count(*) AS rows, sum(n)::BIGINT AS total FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start, digit",
    columns: 'window_start, digit, rows, total',
    count: 'sum(rows)',
    check: `SELECT time_bucket(INTERVAL '1 second', ts), n % 7, count(*), sum(n)::BIGINT FROM ${stored} GROUP BY ALL`,
  },
  by_second: {
    made: "SELECT window_start, count(*) AS rows FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start",
    columns: 'window_start, rows',
    count: 'sum(rows)',
    check: `SELECT time_bucket(INTERVAL '1 second', ts), count(*) FROM ${stored} GROUP BY ALL`,
  },
  by_tens: {
    made: "SELECT window_start, digit % 2 AS odd, sum(rows)::BIGINT AS rows, max(total) AS most FROM TUMBLE(by_digit, window_start, INTERVAL '10 seconds') GROUP BY window_start, odd",
    columns: 'window_start, odd, rows, most',
    count: 'sum(rows)',
    check: `SELECT time_bucket(INTERVAL '10 seconds', second), digit % 2, sum(rows)::BIGINT, max(total) FROM (SELECT time_bucket(INTERVAL '1 second', ts) AS second, n % 7 AS digit, count(*) AS rows, sum(n)::BIGINT AS total FROM ${stored} GROUP BY ALL) GROUP BY ALL`,
  },
  followed: {
    made: "SELECT a.ts AS ts, a.n AS n, b.n AS next FROM (SELECT * FROM m WHERE n >= 0) a LEFT JOIN (SELECT * FROM m WHERE n >= 0) b ON a.n + 1 = b.n AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second'",
    columns: 'ts, n, next',
    count: 'count(*)',
    check: `SELECT a.ts, a.n, b.n FROM ${stored} a LEFT JOIN ${stored} b ON a.n + 1 = b.n AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second'`,
  },
  running: {
    made: 'SELECT ts, n, sum(n) OVER (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)::BIGINT AS ten FROM m WHERE n >= 0',
    columns: 'ts, n, ten',
    check: `SELECT ts, n, sum(n) OVER (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)::BIGINT FROM ${stored}`,
  },
  by_five: {
    options: "WITH (emit = changes, state_ttl = '30 days')",
    made: 'SELECT n % 5 AS five, count(*) AS rows, max(n) AS most FROM m WHERE n >= 0 GROUP BY five',
    columns: 'five, rows, most',
    check: `SELECT n % 5, count(*), max(n) FROM ${stored} GROUP BY ALL`,
  },
};
