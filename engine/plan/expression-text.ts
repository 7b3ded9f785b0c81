import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { ConstantValue, Expression, IntervalValue } from './expression.ts';
import { quoteName, quoteText, typeName } from './type-name.ts';

const infix: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '||',
  '->',
  '->>',
  '<<',
  '>>',
  '&',
  '|',
  '^',
  '**',
  '^@',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '~~~',
  '&&',
  '@>',
  '<@',
]);
const displayed: Readonly<Record<string, string>> = { '~~': 'LIKE', '!~~': 'NOT LIKE', '~~*': 'ILIKE', '!~~*': 'NOT ILIKE', '~~~': 'GLOB' };
const comparisons: Readonly<Record<string, string>> = { is_distinct: 'IS DISTINCT FROM', is_not_distinct: 'IS NOT DISTINCT FROM' };

/** An expression as SQL for people; columns by name. */
export function expressionText(expression: Expression, columns: readonly ColumnSpec[]): string {
  return print(expression, (index) => columns[index]?.name ?? `#${index}`, constantText, true);
}

/** An expression as SQL that DuckDB computes to exactly the same value and type; columns as the caller writes them. */
export function expressionSql(expression: Expression, column: (index: number) => string): string {
  return print(expression, column, exactConstant, false);
}

/** A constant expression as SQL that DuckDB evaluates to exactly the same value and type. */
export function constantSql(expression: Expression): string {
  return expressionSql(expression, (index) => {
    throw new Error(`column ${index} in a constant`);
  });
}

function print(
  expression: Expression,
  column: (index: number) => string,
  constant: (value: ConstantValue, type: DataType) => string,
  display: boolean,
): string {
  const text = (child: Expression): string => print(child, column, constant, display);
  const nested = (child: Expression): string => (isSimple(child) ? text(child) : `(${text(child)})`);
  switch (expression.kind) {
    case 'column':
      return column(expression.index);
    case 'constant':
      return constant(expression.value, expression.type);
    case 'cast':
      return `${expression.try ? 'TRY_CAST' : 'CAST'}(${text(expression.child)} AS ${typeName(expression.type)})`;
    case 'compare':
      return `${nested(expression.left)} ${comparisons[expression.operator] ?? expression.operator} ${nested(expression.right)}`;
    case 'and':
    case 'or':
      return expression.children
        .map((child) => (child.kind === 'and' || child.kind === 'or' ? `(${text(child)})` : text(child)))
        .join(expression.kind === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT ${nested(expression.child)}`;
    case 'is_null':
      return `${nested(expression.child)} IS NULL`;
    case 'is_not_null':
      return `${nested(expression.child)} IS NOT NULL`;
    case 'case':
      return `CASE ${expression.branches.map((branch) => `WHEN ${text(branch.when)} THEN ${text(branch.then)}`).join(' ')} ELSE ${text(expression.otherwise)} END`;
    case 'coalesce':
      return `COALESCE(${expression.children.map(text).join(', ')})`;
    case 'in':
      return `${nested(expression.child)}${expression.negated ? ' NOT' : ''} IN (${expression.list.map(text).join(', ')})`;
    case 'call':
      return callText(expression, text, nested, display);
  }
}

function callText(
  call: Extract<Expression, { kind: 'call' }>,
  text: (child: Expression) => string,
  nested: (child: Expression) => string,
  display: boolean,
): string {
  const [first, second] = call.args;
  if (infix.has(call.name) && first !== undefined && second !== undefined && call.args.length === 2) {
    return `${nested(first)} ${(display ? displayed[call.name] : undefined) ?? call.name} ${nested(second)}`;
  }
  if (call.name === '-' && first !== undefined) return `-${nested(first)}`;
  if (call.name === 'struct_pack' && call.type.kind === 'struct') {
    const fields = call.type.fields;
    const entries = call.args.map((each, index) => `${quoteName(fields[index]?.name ?? '')} := ${text(each)}`);
    return display ? `{${entries.map((each) => each.replace(' :=', ':')).join(', ')}}` : `struct_pack(${entries.join(', ')})`;
  }
  if (display && call.name === 'struct_extract' && first !== undefined && second?.kind === 'constant')
    return `${nested(first)}.${String(second.value)}`;
  if (display && call.name === 'map_extract_value' && first !== undefined && second !== undefined)
    return `${nested(first)}[${text(second)}]`;
  const name = /^[a-z_][a-z0-9_]*$/.test(call.name) ? call.name : quoteName(call.name);
  return `${name}(${call.args.map(text).join(', ')})`;
}

function isSimple(expression: Expression): boolean {
  if (expression.kind === 'call') return !infix.has(expression.name);
  return ['column', 'constant', 'cast', 'case', 'coalesce'].includes(expression.kind);
}

function exactConstant(value: ConstantValue, type: DataType): string {
  if (type.kind === 'null') return 'NULL';
  if (value === null) return `CAST(NULL AS ${typeName(type)})`;
  switch (type.kind) {
    case 'date':
      return `(DATE '1970-01-01' + CAST(${String(value)} AS INTEGER))`;
    case 'timestamp':
      return `make_timestamp(CAST(${String(value)} AS BIGINT))`;
    case 'timestamptz':
      return `make_timestamptz(CAST(${String(value)} AS BIGINT))`;
    case 'timestamp_s':
      return `CAST(make_timestamp(CAST(${String((value as bigint) * 1_000_000n)} AS BIGINT)) AS TIMESTAMP_S)`;
    case 'timestamp_ms':
      return `CAST(make_timestamp(CAST(${String((value as bigint) * 1000n)} AS BIGINT)) AS TIMESTAMP_MS)`;
    case 'timestamp_ns':
      return `make_timestamp_ns(CAST(${String(value)} AS BIGINT))`;
    case 'time':
      return `(TIME '00:00:00' + to_microseconds(CAST(${String(value)} AS BIGINT)))`;
    case 'interval': {
      const { months, days, micros } = value as IntervalValue;
      return `(to_months(${months}) + to_days(${days}) + to_microseconds(${micros}))`;
    }
    case 'decimal':
      return `CAST('${decimalText(value as bigint, type.scale)}' AS ${typeName(type)})`;
    default:
      return `CAST(${quoteText(String(value))} AS ${typeName(type)})`;
  }
}

/** A constant as a person would write it. */
export function constantText(value: ConstantValue, type: DataType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'varchar':
    case 'json':
    case 'enum':
    case 'uuid':
    case 'blob':
      return quoteText(String(value));
    case 'decimal':
      return decimalText(value as bigint, type.scale);
    case 'double':
    case 'float':
      return Number.isInteger(value) ? `${String(value)}.0` : String(value);
    case 'date':
      return `DATE '${dateText(BigInt(value as bigint))}'`;
    case 'time':
      return `TIME '${isoText(value as bigint).slice(11)}'`;
    case 'timestamp':
      return `TIMESTAMP '${isoText(value as bigint)}'`;
    case 'timestamptz':
      return `TIMESTAMPTZ '${isoText(value as bigint)}+00'`;
    case 'interval':
      return `INTERVAL '${intervalText(value as IntervalValue)}'`;
    default:
      return Array.isArray(value) ? `[${value.map((each) => String(each)).join(', ')}]` : String(value);
  }
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const infiniteDate = 2n ** 31n - 1n;
const infiniteTime = 2n ** 63n - 1n;

/** `2026-11-23`; days since 1970 where a Date cannot hold it. */
function dateText(days: bigint): string {
  if (days === infiniteDate || days === -infiniteDate) return days > 0n ? 'infinity' : '-infinity';
  const date = new Date(Number(days) * 86_400_000);
  return Number.isNaN(date.getTime()) ? `${days} days` : (date.toISOString().split('T')[0] as string);
}

/** `2026-11-23 12:00:00.5`; microseconds since 1970 where a Date cannot hold it. */
function isoText(micros: bigint): string {
  if (micros === infiniteTime || micros === -infiniteTime) return micros > 0n ? 'infinity' : '-infinity';
  const date = new Date(Number(micros / 1000n));
  if (Number.isNaN(date.getTime())) return `${micros} us`;
  const below = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - below) / 1000n)).toISOString().slice(0, 19).replace('T', ' ');
  return below === 0n ? seconds : `${seconds}.${String(below).padStart(6, '0').replace(/0+$/, '')}`;
}

const intervalUnits = [
  ['day', 86_400_000_000n],
  ['hour', 3_600_000_000n],
  ['minute', 60_000_000n],
  ['second', 1_000_000n],
  ['millisecond', 1000n],
  ['microsecond', 1n],
] as const;

/** `1 month 2 days 30 seconds`; hours and less are not carried into days, which are another thing to SQL. */
export function intervalText({ months, days, micros }: IntervalValue): string {
  const parts: string[] = [];
  const add = (count: bigint | number, unit: string): void => {
    if (count !== 0n && count !== 0) parts.push(`${count} ${unit}${count === 1n || count === 1 ? '' : 's'}`);
  };
  add(months, 'month');
  add(days, 'day');
  let rest = micros;
  for (const [unit, size] of intervalUnits.slice(1)) {
    add(rest / size, unit);
    rest %= size;
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

export function microsText(micros: bigint): string {
  for (const [unit, size] of intervalUnits) {
    if (micros >= size && micros % size === 0n) return `${micros / size} ${unit}${micros === size ? '' : 's'}`;
  }
  return `${micros} microseconds`;
}
