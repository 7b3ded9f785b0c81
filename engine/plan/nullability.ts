import type { Expression } from './expression.ts';

/** Functions that give NULL only for a NULL argument, whatever the values (an overflow is an error, not NULL). */
const totalFunctions: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '||',
  'lower',
  'upper',
  'length',
  'len',
  'abs',
  'contains',
  'starts_with',
  'ends_with',
  'prefix',
  'suffix',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '~~~',
  'trim',
  'ltrim',
  'rtrim',
  'replace',
  'reverse',
  'left',
  'right',
  'lpad',
  'rpad',
  'round',
  'floor',
  'ceil',
  'trunc',
  'sign',
  'regexp_matches',
  'regexp_full_match',
  'map_keys',
  'map_values',
  'hash',
  'md5',
  'epoch_ms',
  'to_microseconds',
  'to_milliseconds',
  'to_seconds',
  'to_minutes',
  'to_hours',
  'to_days',
  'strip_accents',
]);
/** Functions that never give NULL. */
const neverNull: ReadonlySet<string> = new Set([
  'struct_pack',
  'row',
  'list_value',
  'map',
  'concat',
  '__tumble_start',
  '__tumble_end',
  '__hop_start',
  '__hop_end',
  '__session_start',
  '__session_end',
]);

export function callNullable(name: string, args: readonly Expression[]): boolean {
  if (neverNull.has(name)) return false;
  return !totalFunctions.has(name) || args.some((each) => each.nullable);
}

const countLike: ReadonlySet<string> = new Set(['count', 'count_star', 'approx_count_distinct', 'regr_count']);
/** NULL only when every argument of the group is. */
const nullOnlyWhenEmpty: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'first',
  'last',
  'any_value',
  'bool_and',
  'bool_or',
  'list',
  'array_agg',
  'arg_min',
  'arg_max',
  'min_by',
  'max_by',
  'string_agg',
  'mode',
  'median',
  'stddev_pop',
  'var_pop',
  'sum_no_overflow',
  'count_if',
  'countif',
  'fsum',
  'product',
  'bit_and',
  'bit_or',
  'bit_xor',
]);

export function aggregateNullable(name: string, args: readonly Expression[], filtered: boolean, grouped: boolean): boolean {
  if (countLike.has(name)) return false;
  return filtered || !grouped || !nullOnlyWhenEmpty.has(name) || args.some((each) => each.nullable);
}
