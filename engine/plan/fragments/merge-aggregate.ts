import type { DataType } from '../../../connectors/data-type.ts';
import type { Expression } from '../expression.ts';
import type { AggregateCall } from '../plan.ts';
import { castTo, plainCall } from './plan-parts.ts';

/** How an aggregate is made of parts: what each lane computes, how parts are put together, and the result of that. */
export interface MergedAggregate {
  readonly partials: readonly AggregateCall[];
  /** Over the columns of the parts. */
  readonly merge: (parts: readonly Expression[]) => AggregateCall[];
  /** Over the columns that `merge` gives. */
  readonly finish: (merged: readonly Expression[]) => Expression;
}

const bigint = { kind: 'bigint' } as const;
const hugeint = { kind: 'hugeint' } as const;
const double = { kind: 'double' } as const;
const integers: ReadonlySet<string> = new Set([
  'tinyint',
  'smallint',
  'integer',
  'bigint',
  'hugeint',
  'utinyint',
  'usmallint',
  'uinteger',
  'ubigint',
]);
const ordered: ReadonlySet<string> = new Set([
  ...integers,
  'uhugeint',
  'float',
  'double',
  'decimal',
  'boolean',
  'varchar',
  'date',
  'time',
  'timestamp',
  'timestamp_s',
  'timestamp_ms',
  'timestamp_ns',
  'timestamptz',
]);

/** Null for aggregates whose parts cannot be put together exactly. */
export function mergedAggregate(call: AggregateCall): MergedAggregate | null {
  if (call.orderBy.length > 0 || call.parameters.length > 0) return null;
  const [argument] = call.args;
  switch (call.name) {
    case 'count_star':
      return call.distinct ? null : counted(call);
    case 'count':
      return call.distinct ? null : counted(call);
    case 'sum':
      return call.distinct || argument === undefined || sumType(argument.type) === null ? null : itself(call);
    case 'min':
    case 'max':
    case 'bool_and':
    case 'bool_or':
      return call.args.length === 1 && argument !== undefined && ordered.has(argument.type.kind) ? itself(call) : null;
    case 'avg':
    case 'mean':
      return call.distinct || argument === undefined ? null : average(call, argument);
    default:
      return null;
  }
}

/** DuckDB's type of a sum. */
function sumType({ kind, ...rest }: DataType): DataType | null {
  if (integers.has(kind)) return hugeint;
  if (kind === 'decimal') return { kind, width: 38, scale: (rest as { readonly scale: number }).scale };
  return kind === 'float' || kind === 'double' ? double : null;
}

function counted(call: AggregateCall): MergedAggregate {
  return {
    partials: [call],
    merge: ([part]) => [plainCall('sum', part as Expression, hugeint)],
    finish: ([total]) => castTo(total as Expression, bigint),
  };
}

function itself(call: AggregateCall): MergedAggregate {
  return {
    partials: [call],
    merge: ([part]) => [plainCall(call.name, part as Expression, call.type)],
    finish: ([merged]) => merged as Expression,
  };
}

/** Sum divided by count, both exact until the end, as DuckDB does: of decimals the sum of their digits, divided by the scale at last. */
function average(call: AggregateCall, argument: Expression): MergedAggregate | null {
  const type = argument.type.kind === 'decimal' ? hugeint : sumType(argument.type);
  if (type === null || call.type.kind !== 'double') return null;
  const scale = argument.type.kind === 'decimal' ? 10 ** argument.type.scale : 1;
  return {
    partials: [
      { ...call, name: 'sum', type },
      { ...call, name: 'count', type: bigint },
    ],
    merge: ([sum, count]) => [plainCall('sum', sum as Expression, type), plainCall('sum', count as Expression, hugeint)],
    finish: ([sum, count]) => {
      const total = type.kind === 'double' ? (sum as Expression) : castTo(sum as Expression, double);
      const rows = castTo(count as Expression, double);
      return quotient(total, scale === 1 ? rows : scaled(rows, scale));
    },
  };
}

function quotient(total: Expression, rows: Expression): Expression {
  return { kind: 'call', name: '/', args: [total, rows], type: double, nullable: true };
}

function scaled(rows: Expression, scale: number): Expression {
  const factor: Expression = { kind: 'constant', type: double, nullable: false, value: scale };
  return { kind: 'call', name: '*', args: [rows, factor], type: double, nullable: rows.nullable };
}
