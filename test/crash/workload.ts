/** What the engine runs while it is killed, and what DuckDB runs over the same rows. */

/** Microseconds between two rows of one source. */
const everyMicros = 20_000;
const lateness = '4 seconds';
export const partitions = 3;
/** Event time of row 0 (microseconds since 1970). */
const startMicros = Date.UTC(2026, 10, 23) * 1000;
export const latenessMicros = 4_000_000;
export const sourceNames = ['orders', 'payments'] as const;
export type SourceName = (typeof sourceNames)[number];

export interface Message {
  readonly partition: number;
  readonly value: string;
}

/** Row `n` of a source: one in 41 is far behind, one in 97 is not JSON, the rest are in disorder. */
export function message(source: SourceName, n: number): Message {
  const partition = n % partitions;
  if (n % 97 === 96) return { partition, value: `row ${n} is no JSON` };
  const back = n % 41 === 40 ? 30_000_000 : ((n * 7919) % 2_000) * 1_000;
  const micros = startMicros + n * everyMicros - back + (n % 1000);
  const ts = `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 23)}${String(micros % 1000).padStart(3, '0')}Z`;
  const k = `k${(n * 31 + (source === 'orders' ? 0 : 7)) % 60}`;
  return { partition, value: JSON.stringify({ n, ts, k, v: (n * 37) % 1000 }) };
}

/** As DuckDB and the engine both run it, by view; `key`: what its rows change by. */
export const views: Readonly<Record<string, { readonly options?: string; readonly select: string }>> = {
  per_window: {
    options: "tier.hot = '20 s'",
    select: `SELECT window_start, window_end, k, count(*) AS rows, sum(v) AS total, min(n) AS first, max(n) AS last
      FROM tumble(orders, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k`,
  },
  per_hop: {
    select: `SELECT window_start, count(*) AS rows, sum(v) AS total FROM hop(orders, ts, INTERVAL '5 seconds', INTERVAL '60 seconds')
      GROUP BY window_start, window_end`,
  },
  visits: {
    select: `SELECT window_start, window_end, k, count(*) AS rows, sum(v) AS total
      FROM session(orders, ts, k, INTERVAL '3 seconds') GROUP BY window_start, window_end, k`,
  },
  running_total: {
    options: "tier.hot = '20 s'",
    select: `SELECT n, ts, k, sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '30 seconds' PRECEDING AND CURRENT ROW) AS total
      FROM orders`,
  },
  paid: {
    select: `SELECT o.n AS ordered, p.n AS paid, o.ts AS ts, o.k AS k FROM orders AS o JOIN payments AS p
      ON o.k = p.k AND p.ts BETWEEN o.ts AND o.ts + INTERVAL '2 seconds'`,
  },
  totals: {
    options: "emit = changes, state_ttl = '3650 days'",
    select: 'SELECT k, count(*) AS rows, sum(v) AS total, max(n) AS last FROM orders GROUP BY k',
  },
  seen: { options: "state_ttl = '3650 days'", select: 'SELECT DISTINCT k, v FROM payments' },
  per_minute: {
    select: `SELECT window_start, window_end, sum(rows) AS rows, max(last) AS last
      FROM tumble(per_window, window_start, INTERVAL '60 seconds') GROUP BY window_start, window_end`,
  },
};

/** Its old rows are dropped: those that are there must be right, and none of the newest may be missing. */
export const expiring = { name: 'recent', retentionMicros: 60_000_000, select: 'SELECT n, ts, v FROM payments WHERE v < 500' };

export const sinks = {
  high: { columns: 'n BIGINT, ts TIMESTAMP, k VARCHAR, v BIGINT', select: 'SELECT n, ts, k, v FROM orders WHERE v > 600' },
  means: {
    columns: 'window_start TIMESTAMP, k VARCHAR, rows BIGINT, total BIGINT',
    select: `SELECT window_start, k, count(*) AS rows, sum(v)::BIGINT AS total FROM tumble(payments, ts, INTERVAL '20 seconds')
      GROUP BY window_start, window_end, k`,
  },
} as const;

/** Written to topics: each row of `published` once; of `newest` the last message of each key is what the view says. */
export const kafkaSinks = {
  published: { columns: 'n BIGINT, ts TIMESTAMP, k VARCHAR, v BIGINT', select: 'SELECT n, ts, k, v FROM orders', options: 'key = k' },
  newest: {
    columns: 'k VARCHAR, rows BIGINT, total HUGEINT, last BIGINT',
    select: 'SELECT k, rows, total, last FROM totals',
    options: 'key_format = json',
  },
} as const;
export type KafkaSinkName = keyof typeof kafkaSinks;
export const kafkaSinkNames = Object.keys(kafkaSinks) as KafkaSinkName[];
export type Topics = Readonly<Record<SourceName | KafkaSinkName, string>>;

/** The query file. `ends`: reading ends with what is in the topics when it starts. */
export function queryFile(brokers: string, topics: Topics, ends: boolean): string {
  const sources = sourceNames.map(
    (name) => `CREATE TABLE ${name} (n BIGINT, ts TIMESTAMP, k VARCHAR, v BIGINT, _partition INTEGER, _offset BIGINT) WITH (
  connector = kafka, brokers = '${brokers}', topic = '${topics[name]}', format = json, event_time = ts, max_lateness = '${lateness}',
  retention = '10000 days'${ends ? ', "end" = latest' : ''});`,
  );
  const stored = Object.entries(views).map(
    ([name, { options, select }]) => `CREATE MATERIALIZED VIEW ${name}${options === undefined ? '' : ` WITH (${options})`} AS ${select};`,
  );
  const published = kafkaSinkNames.flatMap((name) => {
    const { columns, select, options } = kafkaSinks[name];
    const place = `connector = kafka, brokers = '${brokers}', topic = '${topics[name]}'`;
    return [`CREATE TABLE ${name} (${columns}) WITH (role = sink, ${place}, ${options});`, `INSERT INTO ${name} ${select};`];
  });
  return [
    ...sources,
    ...stored,
    `CREATE MATERIALIZED VIEW ${expiring.name} WITH (retention = '${expiring.retentionMicros / 1_000_000} s', tier.hot = '20 s') AS ${expiring.select};`,
    `CREATE TABLE high (${sinks.high.columns}) WITH (role = sink, connector = file, path = 'high', format = csv, roll_every = '700 ms');`,
    `CREATE TABLE means (${sinks.means.columns}) WITH (role = sink, connector = parquet, path = 'means', roll_every = '900 ms');`,
    ...Object.entries(sinks).map(([name, { select }]) => `INSERT INTO ${name} ${select};`),
    ...published,
  ].join('\n');
}
