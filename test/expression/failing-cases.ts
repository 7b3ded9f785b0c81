/** Each ends the query: some row of every-type-table.ts has no answer. */
export const failing: readonly string[] = [
  'i32 + 1',
  'i64 * 3',
  'abs(i8)',
  'u8 - 1::UTINYINT',
  'h * 2',
  'i64::INTEGER',
  'd::INTEGER',
  'd::FLOAT',
  'n::INTEGER',
  'w::TIMESTAMP',
  'd18 + d9',
  'd18 * d4',
  'd38 + d38',
  'sqrt(d)',
  'ln(d)',
  'i32 << 3',
  'ts - t2',
  't2 + INTERVAL 300000 YEAR',
  "lpad(s, 10, '')",
  'chr(i32)',
  'mod(i8, (-1)::TINYINT)',
];

export const refused: readonly (readonly [string, string])[] = [
  ['md5(s)', 'function md5(VARCHAR) cannot run in a continuous query yet'],
  ['regexp_matches(s, z)', 'regexp_matches with a pattern that is not a constant'],
  ["regexp_extract(s, '(a|(b))+', 2)", 'a regular expression with capture inside a repeated group'],
  ['list_sort(l)', 'function list_sort(INTEGER[])'],
  ['time_bucket(iv, ts)', 'time_bucket with a width that is not a constant'],
  ['i32::UHUGEINT', 'a cast from INTEGER to UHUGEINT'],
];
