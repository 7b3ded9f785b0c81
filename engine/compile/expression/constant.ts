import type { DataType } from '../../../connectors/data-type.ts';
import type { ConstantValue, IntervalValue } from '../../plan/expression.ts';
import { machineOf, partTypes } from '../machine-type.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { refuse, typeName } from './refuse.ts';
import { nullValue } from './value.ts';

/** A literal of the part type. */
export function integerLiteral(value: bigint, type: string): string {
  if (type === 'i64' && value === -(1n << 63n)) return 'i64.MIN_VALUE';
  return `<${type}>${value}`;
}

export function floatLiteral(value: number, type: string): string {
  if (Number.isNaN(value)) return `${type}.NaN`;
  if (!Number.isFinite(value)) return `<${type}>${value < 0 ? '-' : ''}Infinity`;
  if (Object.is(value, -0)) return `<${type}>-0.0`;
  const text = String(value);
  return `<${type}>${/[.e]/.test(text) ? text : `${text}.0`}`;
}

export function constantValue(value: ConstantValue, type: DataType, scope: ExpressionScope): Value {
  if (value === null || type.kind === 'null') return nullValue(type);
  const machine = machineOf(type);
  return { type, machine, parts: constantParts(value, type, scope), valid: 'true' };
}

function constantParts(value: Exclude<ConstantValue, null>, type: DataType, scope: ExpressionScope): readonly string[] {
  const machine = machineOf(type);
  switch (machine) {
    case 'bool':
      return [value === true || value === 1n || value === 1 ? 'true' : 'false'];
    case 'f32':
    case 'f64':
      return [floatLiteral(Number(value), machine)];
    case 'i128':
    case 'u128': {
      const number = type.kind === 'uuid' ? uuidNumber(String(value)) : BigInt(value as bigint);
      const top = machine === 'u128' ? BigInt.asUintN(64, number >> 64n) : BigInt.asIntN(64, number >> 64n);
      return [integerLiteral(BigInt.asUintN(64, number), 'u64'), integerLiteral(top, partTypes(machine)[1] as string)];
    }
    case 'interval': {
      const interval = value as IntervalValue;
      return [`<i32>${interval.months}`, `<i32>${interval.days}`, integerLiteral(interval.micros, 'i64')];
    }
    case 'string':
      return [scope.module.stringConstant(String(value))];
    case 'packed':
    case 'nested':
      throw refuse(`a constant ${typeName(type)}`, undefined);
    default:
      return [integerLiteral(BigInt(value as bigint), machine)];
  }
}

/** DuckDB stores a UUID with its top bit turned, so that numbers order as texts do. */
function uuidNumber(text: string): bigint {
  return BigInt.asIntN(128, BigInt(`0x${text.replaceAll('-', '')}`) ^ (1n << 127n));
}
