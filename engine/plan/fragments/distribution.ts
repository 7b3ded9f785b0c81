import type { DataType } from '../../../connectors/data-type.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
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
  return columns.includes(-1) ? { kind: 'any' } : { ...distribution, columns };
}

type Join = Extract<PlanNode, { kind: 'join' }>;
type Conditions = Join['conditions'];

/** Conditions by which rows can be sent where those are that they join with. */
export function equalConditions(node: Join): Conditions {
  return node.conditions.filter(
    (each) => (each.operator === '=' || each.operator === 'is_not_distinct') && isHashable(each.left.type) && isHashable(each.right.type),
  );
}

/** Rows of two sides that are equal by these conditions are in one lane, where both sides are distributed by their partitions. */
export function meet(left: Distribution, right: Distribution, equal: Conditions): boolean {
  if (left.kind !== 'keys' || right.kind !== 'keys' || left.columns.length !== right.columns.length) return false;
  if (left.hashed === true || right.hashed === true) return false;
  return left.columns.every((column, index) =>
    equal.some(
      (each) =>
        each.left.kind === 'column' &&
        each.left.index === column &&
        each.right.kind === 'column' &&
        each.right.index === right.columns[index],
    ),
  );
}
