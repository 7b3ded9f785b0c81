import { overNode, selectColumns } from '../build-node.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { mapInputs } from '../walk-plan.ts';

/**
 * One OVER node for each PARTITION BY and ORDER BY: rows are kept and sorted for one window at a time. Rankings come last, so that a
 * filter above finds them.
 */
export function splitOvers(plan: PlanNode): PlanNode {
  const node = mapInputs(plan, splitOvers);
  if (node.kind !== 'over') return node;
  const groups = new Map<string, number[]>();
  node.calls.forEach((call, index) => {
    const key = windowKey(call);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  if (groups.size === 1) return node;
  const ordered = [...groups.values()].sort((a, b) => Number(ranks(node.calls, a)) - Number(ranks(node.calls, b)));
  const width = node.input.schema.length;
  let split = node.input;
  const columns = Array.from({ length: width }, (_, index) => index);
  let next = width;
  for (const group of ordered) {
    const over = overNode(
      split,
      group.map((index) => node.calls[index] as WindowCall),
    );
    split = node.span === undefined ? over : { ...over, span: node.span };
    for (const index of group) columns[width + index] = next++;
  }
  return selectColumns(split, columns);
}

function ranks(calls: readonly WindowCall[], group: readonly number[]): boolean {
  return group.some((index) => ['row_number', 'rank', 'dense_rank'].includes(calls[index]?.name ?? ''));
}

/** Equal for calls of the same window, whatever their frames. */
function windowKey({ partitionBy, orderBy }: WindowCall): string {
  return JSON.stringify([partitionBy, orderBy], (name, value: unknown) =>
    name === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}
