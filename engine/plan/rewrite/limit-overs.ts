import type { CompareOperator, Expression } from '../expression.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { conjuncts } from '../walk-expression.ts';
import { mapInputs } from '../walk-plan.ts';

type Over = Extract<PlanNode, { kind: 'over' }>;

const rankings: ReadonlySet<string> = new Set(['row_number', 'rank', 'dense_rank']);
/** Beyond this nothing is gained by it. */
const rowsMax = 1_000_000n;

/** A filter that only the first rows of each partition pass is told to the OVER below it, which need keep no others. */
export function limitOvers(plan: PlanNode): PlanNode {
  const node = mapInputs(plan, limitOvers);
  if (node.kind !== 'filter' || node.input.kind !== 'over' || !node.input.calls.every(looksBack)) return node;
  const over = node.input;
  const limits = conjuncts(node.predicate).flatMap((each) => limitOf(each, over));
  const [smallest] = limits.sort((a, b) => a.rows - b.rows);
  return smallest === undefined ? node : { ...node, input: { ...over, limit: smallest } };
}

/** Whether a row's result stays the same without the rows after it. */
function looksBack(call: WindowCall): boolean {
  return rankings.has(call.name) || call.name === 'lag';
}

function limitOf(predicate: Expression, over: Over): { call: number; rows: number }[] {
  if (predicate.kind !== 'compare') return [];
  const sides: [Expression, CompareOperator, Expression][] = [
    [predicate.left, predicate.operator, predicate.right],
    [predicate.right, mirrored[predicate.operator], predicate.left],
  ];
  return sides.flatMap(([column, operator, constant]) => {
    if (column.kind !== 'column' || constant.kind !== 'constant' || typeof constant.value !== 'bigint') return [];
    const call = column.index - over.input.schema.length;
    const rows = operator === '<' ? constant.value - 1n : constant.value;
    if (call < 0 || !rankings.has(over.calls[call]?.name ?? '') || !['=', '<', '<='].includes(operator)) return [];
    return rows >= 1n && rows <= rowsMax ? [{ call, rows: Number(rows) }] : [];
  });
}

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  is_distinct: 'is_distinct',
  is_not_distinct: 'is_not_distinct',
};
