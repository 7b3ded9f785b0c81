import type { DataType } from '../../../connectors/data-type.ts';
import type { ConstantValue, Expression, IntervalValue } from '../../plan/expression.ts';
import { parseInterval } from './host/interval-text.ts';
import { parseMoment } from './host/moment-text.ts';
import { parseDouble, parseInteger } from './host/number-text.ts';

/** The value of an expression that is known before any row, or undefined: not constant, or left to the kernel. */
export function foldConstant(expression: Expression): ConstantValue | undefined {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'cast': {
      const value = foldConstant(expression.child);
      if (value === undefined) return undefined;
      return value === null ? null : foldCast(value, expression.child.type, expression.type);
    }
    case 'call': {
      const values = expression.args.map(foldConstant);
      if (values.some((value) => value === undefined || value === null)) return undefined;
      return foldCall(expression.name, values as Exclude<ConstantValue, null>[], expression);
    }
    default:
      return undefined;
  }
}

const integerBits: Readonly<Record<string, readonly [boolean, number]>> = {
  tinyint: [true, 8],
  smallint: [true, 16],
  integer: [true, 32],
  bigint: [true, 64],
  hugeint: [true, 128],
  utinyint: [false, 8],
  usmallint: [false, 16],
  uinteger: [false, 32],
  ubigint: [false, 64],
};

export function isInteger(type: DataType): boolean {
  return type.kind in integerBits;
}

function foldCast(value: Exclude<ConstantValue, null>, from: DataType, to: DataType): ConstantValue | undefined {
  if (JSON.stringify(from) === JSON.stringify(to)) return value;
  if (typeof value === 'string') return foldText(value, from, to);
  if (to.kind === 'double' || to.kind === 'float') {
    if (from.kind === 'decimal') return undefined;
    if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
    return to.kind === 'float' ? Math.fround(Number(value)) : Number(value);
  }
  if (isInteger(to)) return inRange(wholeNumber(value, from), to);
  if (to.kind === 'decimal' && isInteger(from)) {
    const scaled = BigInt(value as bigint) * 10n ** BigInt(to.scale);
    return magnitude(scaled) < 10n ** BigInt(to.width) ? scaled : undefined;
  }
  if (to.kind === 'decimal' && from.kind === 'decimal' && to.scale >= from.scale) {
    const scaled = BigInt(value as bigint) * 10n ** BigInt(to.scale - from.scale);
    return magnitude(scaled) < 10n ** BigInt(to.width) ? scaled : undefined;
  }
  if (to.kind === 'timestamp' && from.kind === 'date')
    return magnitude(value as bigint) < 100000000n ? (value as bigint) * 86_400_000_000n : undefined;
  return undefined;
}

function foldText(text: string, from: DataType, to: DataType): ConstantValue | undefined {
  if (from.kind !== 'varchar') return undefined;
  switch (to.kind) {
    case 'json':
      return undefined;
    case 'varchar':
      return text;
    case 'boolean':
      return /^(?:t|true|y|yes|1)$/i.test(text) ? true : /^(?:f|false|n|no|0)$/i.test(text) ? false : undefined;
    case 'double':
      return parseDouble(text) ?? undefined;
    case 'date':
    case 'timestamp':
    case 'time':
      return parseMoment(text, to.kind) ?? undefined;
    case 'interval':
      return parseInterval(text) ?? undefined;
    case 'decimal': {
      const number = parseInteger(text, { width: to.width, scale: to.scale });
      return number !== null && magnitude(number) < 10n ** BigInt(to.width) ? number : undefined;
    }
    default:
      return isInteger(to) ? inRange(parseInteger(text, to.kind === 'hugeint' ? 'hugeint' : 'signed') ?? undefined, to) : undefined;
  }
}

function wholeNumber(value: Exclude<ConstantValue, null>, from: DataType): bigint | undefined {
  if (typeof value === 'bigint' && from.kind !== 'decimal') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return undefined;
}

function inRange(value: bigint | undefined, type: DataType): bigint | undefined {
  if (value === undefined) return undefined;
  const [signed, bits] = integerBits[type.kind] as readonly [boolean, number];
  return (signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value ? value : undefined;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

const months: Readonly<Record<string, number>> = {
  to_months: 1,
  to_quarters: 3,
  to_years: 12,
  to_decades: 120,
  to_centuries: 1200,
  to_millennia: 12000,
};
const days: Readonly<Record<string, number>> = { to_days: 1, to_weeks: 7 };
const micros: Readonly<Record<string, number>> = {
  to_microseconds: 1,
  to_milliseconds: 1e3,
  to_seconds: 1e6,
  to_minutes: 6e7,
  to_hours: 3.6e9,
};

function foldCall(name: string, values: readonly Exclude<ConstantValue, null>[], call: Expression): ConstantValue | undefined {
  const [value] = values;
  if (name === 'trunc' && call.type.kind === 'double' && values.length === 1) return Math.trunc(value as number);
  if (name in months) return interval(Number(value) * (months[name] as number), 0, 0n);
  if (name in days) return interval(0, Number(value) * (days[name] as number), 0n);
  if (name in micros) {
    const factor = micros[name] as number;
    return interval(0, 0, typeof value === 'bigint' ? value * BigInt(factor) : BigInt(Math.round((value as number) * factor)));
  }
  if (name === '-' && values.length === 1) return negated(value as Exclude<ConstantValue, null>, call.type);
  return undefined;
}

function interval(monthCount: number, dayCount: number, microCount: bigint): IntervalValue | undefined {
  const fits = Math.abs(monthCount) < 2 ** 31 && Math.abs(dayCount) < 2 ** 31 && BigInt.asIntN(64, microCount) === microCount;
  return fits && Number.isInteger(monthCount) && Number.isInteger(dayCount)
    ? { months: monthCount, days: dayCount, micros: microCount }
    : undefined;
}

function negated(value: Exclude<ConstantValue, null>, type: DataType): ConstantValue | undefined {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return type.kind === 'decimal' ? -value : isInteger(type) ? inRange(-value, type) : undefined;
  if (typeof value === 'object' && 'micros' in value) return { months: -value.months, days: -value.days, micros: -value.micros };
  return undefined;
}
