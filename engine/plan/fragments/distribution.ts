import type { DataType } from '../../../connectors/data-type.ts';
import type { Expression } from '../expression.ts';
import type { Distribution } from './fragment.ts';

/** Types whose equal values have equal hashes: months and days of an interval, and nested values, have more than one form. */
export function isHashable({ kind }: DataType): boolean {
  return !['interval', 'list', 'struct', 'map', 'null'].includes(kind);
}

/** Rows that are equal in `keys` are in one lane already. */
export function keepsTogether(distribution: Distribution, keys: readonly Expression[]): boolean {
  if (distribution.kind !== 'keys') return distribution.kind !== 'any';
  return distribution.columns.every((column) => keys.some((key) => key.kind === 'column' && key.index === column));
}

/** The same rows behind `expressions`. */
export function projected(distribution: Distribution, expressions: readonly Expression[]): Distribution {
  if (distribution.kind !== 'keys') return distribution;
  const columns = distribution.columns.map((column) => expressions.findIndex((each) => each.kind === 'column' && each.index === column));
  return columns.includes(-1) ? { kind: 'any' } : { kind: 'keys', columns };
}
