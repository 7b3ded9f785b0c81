import type { Random } from '../connectors/random.ts';
import type { Schema, SourceColumn } from './random-schema.ts';

export interface RowSet {
  /** By source, a SELECT of its rows in order of arrival; a column `arrival` numbers them. */
  readonly selects: Readonly<Record<string, string>>;
  /** The numbers of all rows. */
  readonly numbers: readonly number[];
  readonly rows: number;
}

/** Rows of the second source are numbered from here. */
const secondFrom = 1_000_000;

/** Microseconds that a row may come behind the largest time before it: what the source declares. */
export const latenessMicros = 4_000_000;

const starts = [
  "TIMESTAMP '2025-01-01 00:00:00'",
  "TIMESTAMP '2025-01-01 00:00:00'",
  "TIMESTAMP '1969-12-31 23:59:30'",
  "TIMESTAMP '1900-03-01 00:00:00.000001'",
  "TIMESTAMP '0044-03-15 (BC) 01:02:03'",
  "TIMESTAMP '9999-12-31 23:59:30'",
  "TIMESTAMP '250000-01-01 00:00:00'",
];

/** Rows of both sources, which begin at about the same time. None is at -infinity, which is always late. */
export function randomTables(random: Random, schema: Schema, rowsMax: number): RowSet {
  const start = random.pick(starts);
  const rows = Math.min(rowsMax, random.pick([0, 1, 2, 9, 40, 40, 200, 500, 1500, 9000]));
  const others = Math.min(rowsMax, random.chance(0.8) ? Math.ceil(rows / random.pick([1, 1, 3])) : random.pick([0, 1, 2, 9, 40]));
  const numbers = [...Array.from({ length: rows }, (_, row) => row), ...Array.from({ length: others }, (_, row) => secondFrom + row)];
  const rowsOf = (count: number, from: number) => randomRows(random, schema, start, count, from);
  const selects = { t: rowsOf(rows, 0), u: rowsOf(others, secondFrom) };
  return { selects, numbers, rows: rows + others };
}

/** Deterministic in DuckDB: a row's values are hashes of its number. */
function randomRows(random: Random, schema: Schema, start: string, rows: number, from: number): string {
  const seed = random.below(2 ** 31);
  const noise = (salt: number) => `(hash(arrival * 64 + ${salt}, ${seed}) >> 8)`;
  const values = schema.columns.map((column, index) => {
    const value =
      column.name === 'ts' ? eventTime(random, start, noise) : column.name === 'uid' ? uniqueId(rows) : pooled(column, noise(index));
    const nulls = column.nullPercent;
    return nulls === 0
      ? `${value} AS ${column.name}`
      : `CASE WHEN ${noise(index + 32)} % 100 < ${nulls} THEN NULL ELSE ${value} END AS ${column.name}`;
  });
  return `SELECT * REPLACE (arrival + ${from} AS arrival) FROM (SELECT ${values.join(',\n  ')}, arrival FROM range(${rows}) r(arrival))`;
}

/** The monotone part never falls, so that no row is later than the lateness behind any before it. */
function eventTime(random: Random, start: string, noise: (salt: number) => string): string {
  const step = random.pick([0, 1, 997, 20_000, 250_000, 3_000_000]);
  const jitter = random.pick([1, 1, 1000, 2_000_000, latenessMicros]);
  const gapEvery = random.pick([1_000_000, 37, 150]);
  const gap = random.pick([60_000_000, 86_400_000_000]);
  const micros = `(arrival * ${step} + (arrival // ${gapEvery}) * ${gap} - (${noise(63)} % ${jitter})::BIGINT)::BIGINT`;
  const finite = `${start} + to_microseconds(${micros})`;
  if (random.chance(0.85)) return finite;
  return `(CASE ${noise(62)} % 40 WHEN 0 THEN TIMESTAMP 'infinity' ELSE ${finite} END)`;
}

function uniqueId(rows: number): string {
  const step = [1, 7, 11, 13, 17].find((prime) => prime > 1 && rows % prime !== 0) ?? 1;
  return `((arrival * ${step}) % ${Math.max(1, rows)} - ${rows >> 1})::BIGINT`;
}

function pooled({ pool, type, skewed }: SourceColumn, noise: string): string {
  const index = skewed
    ? `1 + floor(pow((${noise} % 1000) / 1000.0, 4) * ${pool.length})::INTEGER`
    : `1 + (${noise} % ${pool.length})::INTEGER`;
  return `([${pool.map((value) => `(${value})::${type}`).join(', ')}])[${index}]`;
}
