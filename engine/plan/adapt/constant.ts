import type { DataType } from '../../../connectors/data-type.ts';
import type { ConstantValue } from '../expression.ts';
import type { DuckValue } from './duckdb-plan.ts';
import { adaptType } from './type.ts';

/** A constant of the plan, lossless. Throws where the form is not known: better than a wrong value. */
export function adaptConstant(value: DuckValue): { type: DataType; value: ConstantValue } {
  const type = adaptType(value.type);
  return { type, value: value.is_null ? null : convert(type, value.value) };
}

function convert(type: DataType, value: unknown): ConstantValue {
  switch (type.kind) {
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'utinyint':
    case 'usmallint':
    case 'uinteger':
    case 'ubigint':
    case 'hugeint':
    case 'uhugeint':
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamp_s':
    case 'timestamp_ms':
    case 'timestamp_ns':
    case 'timestamptz':
      return integer(value);
    case 'float':
    case 'double':
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
      break;
    case 'varchar':
    case 'json':
    case 'enum':
      if (typeof value === 'string') return value;
      break;
    case 'interval':
      return interval(value);
    case 'list':
      return list(type, value);
    default:
      break;
  }
  throw new Error(
    `constant of type ${type.kind} in a form that is not known: ${JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each))}`,
  );
}

/** A number, or the two halves of 128 bits. */
function integer(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'object' && value !== null && 'upper' in value && 'lower' in value) {
    return (integer(value.upper) << 64n) + BigInt.asUintN(64, integer(value.lower));
  }
  throw new Error(`integer constant in a form that is not known: ${String(value)}`);
}

/** Its elements are values of the child's type, with or without their own. */
function list(type: Extract<DataType, { kind: 'list' }>, value: unknown): ConstantValue {
  const { children } = value as { children?: readonly DuckValue[] };
  return (children ?? []).map((child) => (child.is_null === true ? null : convert(type.child, child.value)));
}

function interval(value: unknown): ConstantValue {
  const { months, days, micros } = value as { months: number; days: number; micros: number | bigint };
  return { months, days, micros: BigInt(micros) };
}
