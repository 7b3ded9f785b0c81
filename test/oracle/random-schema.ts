import type { Random } from '../connectors/random.ts';

/** A column of a source: `pool` are SQL literals of its values; a calm double holds eighths, so that sums of it are exact. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly calm: boolean;
  readonly pool: readonly string[];
  readonly nullPercent: number;
  /** Most rows take the first values of the pool. */
  readonly skewed: boolean;
}

export interface Schema {
  /** `ts` (event time) and `uid` (no two rows have the same) are among them. */
  readonly columns: readonly SourceColumn[];
}

const texts = [
  "''",
  "'a'",
  "'b'",
  "'abc'",
  "'A'",
  "'zeta'",
  "' spaced '",
  "'100%'",
  "'under_score'",
  "'é'",
  "'ß'",
  "'日本語'",
  "'👨‍👩‍👧'",
  "'e' || chr(769)",
  "'quote''s'",
  "repeat('long text ', 300)",
  "'12'",
  "'-7.5'",
  "'2025-01-01'",
  "'abcabcabcabcabcabcabcabc'",
];

/** Literals by type: ordinary values first, then the edges. */
export const pools: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['true', 'false'],
  TINYINT: ['0', '1', '2', '-1', '7', '-45', '127', '-128'],
  SMALLINT: ['0', '1', '3', '-1', '255', '-300', '32767', '-32768'],
  INTEGER: ['0', '1', '5', '-1', '7', '-13', '1000000', '2147483647', '-2147483648'],
  BIGINT: ['0', '1', '42', '-1', '-5000000000', '123456789012', "'9223372036854775807'", "'-9223372036854775808'"],
  HUGEINT: [
    '0',
    '1',
    '-1',
    '12345',
    "'18446744073709551616'",
    "'-98765432109876543210'",
    "'170141183460469231731687303715884105727'",
    "'-170141183460469231731687303715884105728'",
  ],
  UTINYINT: ['0', '1', '77', '128', '255'],
  USMALLINT: ['0', '1', '300', '32768', '65535'],
  UINTEGER: ['0', '1', '5', '2147483648', '4294967295'],
  UBIGINT: ['0', '1', '3', "'9223372036854775808'", "'18446744073709551615'"],
  UHUGEINT: ['0', '1', "'18446744073709551616'", "'340282366920938463463374607431768211455'"],
  FLOAT: ["'1.5'", "'0'", "'-2.75'", "'-0.0'", "'0.1'", "'16777217'", "'3.4e38'", "'1e-30'", "'nan'", "'inf'", "'-inf'"],
  DOUBLE: [
    "'1.5'",
    "'0'",
    "'-2.5'",
    "'-0.0'",
    "'0.1'",
    "'123456.789'",
    "'1e15'",
    "'1e300'",
    "'-1e-300'",
    "'4.9e-324'",
    "'nan'",
    "'inf'",
    "'-inf'",
  ],
  'DECIMAL(4,1)': ['0', '0.5', '-0.5', '12.3', '999.9', '-999.9'],
  'DECIMAL(9,2)': ['0', '1.01', '-1.01', '2.50', '9999999.99', '-9999999.99'],
  'DECIMAL(18,4)': ['0', '0.0001', '-12345.6789', '900719925474.0993', '99999999999999.9999', '-99999999999999.9999'],
  'DECIMAL(30,4)': ['0', '0.5000', '-12345678901234567890.1234', '99999999999999999999999999.9999'],
  VARCHAR: texts,
  DATE: ["'2025-01-01'", "'1970-01-01'", "'1969-12-31'", "'2024-02-29'", "'0001-01-01'", "'9999-12-31'", "'infinity'", "'-infinity'"],
  TIME: ["'00:00:00'", "'12:34:56.5'", "'01:02:03'", "'23:59:59.999999'"],
  TIMESTAMP: [
    "'2025-01-01 00:00:00'",
    "'1970-01-01 00:00:00'",
    "'1969-12-31 23:59:59.999999'",
    "'2024-02-29 12:34:56.789'",
    "'0044-03-15 (BC) 01:02:03'",
    "'9999-12-31 23:59:59'",
    "'290000-12-31 23:59:59'",
    "'infinity'",
    "'-infinity'",
  ],
  TIMESTAMP_S: ["'2025-01-01 00:00:00'", "'1969-12-31 23:59:59'", "'2100-06-30 12:00:00'"],
  TIMESTAMP_MS: ["'2025-01-01 00:00:00.123'", "'1969-12-31 23:59:59.999'", "'2100-06-30 12:00:00'"],
  TIMESTAMP_NS: ["'2025-01-01 00:00:00.123456789'", "'1969-12-31 23:59:59.999999999'", "'2100-06-30 12:00:00'"],
  TIMESTAMPTZ: ["'2025-01-01 00:00:00+00'", "'1969-12-31 23:59:59.5+00'", "'2100-06-30 12:00:00+00'"],
  UUID: ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'80000000-0000-0000-0000-000000000001'"],
  BLOB: ["''", "'\\x00\\xFF'", "'abc'", "'\\x00'"],
  INTERVAL: ["'1 day'", "'24 hours'", "'1 month'", "'30 days'", "'-5 seconds'", "'0 seconds'"],
  'MAP(VARCHAR, VARCHAR)': ["MAP {'k': 'v', 'x': NULL}", 'MAP {}', "MAP {'a': '1', 'k': 'second', 'é': 'u'}", "MAP {'k': ''}"],
  'STRUCT(a INTEGER, b VARCHAR)': ["{'a': 1, 'b': 'x'}", "{'a': NULL, 'b': 'y'}", "{'a': -5, 'b': NULL}", "{'a': 2147483647, 'b': ''}"],
};

export const nestedTypes: readonly string[] = ['MAP(VARCHAR, VARCHAR)', 'STRUCT(a INTEGER, b VARCHAR)'];

const everyType = Object.keys(pools);
const commonTypes = ['BIGINT', 'INTEGER', 'DOUBLE', 'VARCHAR', 'VARCHAR', 'BOOLEAN', 'TIMESTAMP', 'FLOAT', 'DECIMAL(9,2)'];

function calmPool(random: Random, special: boolean): string[] {
  const values = Array.from({ length: 12 }, () => `'${(random.below(16_000) - 8000) / 8}'`);
  return special ? [...values, "'0'", "'-0.0'", "'nan'", "'inf'", "'-inf'"] : [...values, "'0'"];
}

function poolOf(random: Random, type: string, calm: boolean): string[] {
  if (calm) return calmPool(random, random.chance(0.3));
  const pool = [...(pools[type] as readonly string[])];
  if (type === 'VARCHAR' && random.chance(0.5)) pool.push(...Array.from({ length: 60 }, (_, i) => `'user ${i * 7919}'`));
  if (/^U?(SMALLINT|BIGINT|HUGEINT|INTEGER)$/.test(type) && random.chance(0.5)) {
    pool.push(...Array.from({ length: 40 }, () => String(random.below(30_000))));
  }
  const kept = pool.filter(() => random.chance(0.75));
  return kept.length === 0 ? [random.pick(pool)] : kept;
}

function randomColumn(random: Random, index: number): SourceColumn {
  const type = random.chance(0.55) ? random.pick(commonTypes) : random.pick(everyType);
  const calm = (type === 'DOUBLE' || type === 'FLOAT') && random.chance(0.6);
  const notNull = random.chance(0.3);
  return {
    name: `c${index}`,
    type,
    notNull,
    calm,
    pool: poolOf(random, type, calm),
    nullPercent: notNull ? 0 : random.pick([0, 10, 10, 50, 100]),
    skewed: random.chance(0.4),
  };
}

export function randomSchema(random: Random): Schema {
  const columns = Array.from({ length: 4 + random.below(8) }, (_, index) => randomColumn(random, index));
  const fixed = { calm: false, pool: [], skewed: false };
  const ts: SourceColumn = {
    ...fixed,
    name: 'ts',
    type: 'TIMESTAMP',
    notNull: random.chance(0.4),
    nullPercent: random.pick([0, 0, 2, 20]),
  };
  const uid: SourceColumn = { ...fixed, name: 'uid', type: 'BIGINT', notNull: true, nullPercent: 0 };
  return { columns: [ts.notNull ? { ...ts, nullPercent: 0 } : ts, uid, ...columns] };
}
