import type { PlanNode } from './plan.ts';
import { mapInputs } from './walk-plan.ts';

/** Gives computed columns the names that the projection above gives them, for whoever reads the plan. Only names change. */
export function nameColumns(plan: PlanNode): PlanNode {
  const node = mapInputs(plan, nameColumns);
  if (node.kind !== 'project') return node;
  const names = new Map<number, string>();
  node.expressions.forEach((each, index) => {
    if (each.kind === 'column' && !names.has(each.index)) names.set(each.index, node.schema[index]!.name);
  });
  return { ...node, input: rename(node.input, names) };
}

function rename(node: PlanNode, names: ReadonlyMap<number, string>): PlanNode {
  const computedFrom = firstComputed(node);
  if (computedFrom === null) return node;
  const schema = node.schema.map((column, index) => {
    const name = names.get(index);
    return name === undefined || index < computedFrom ? column : { ...column, name };
  });
  if (node.kind === 'filter') {
    const input = rename(node.input, names);
    return { ...node, schema: input.schema, input };
  }
  return { ...node, schema };
}

/** Columns from this index on are the node's own; null for nodes whose names mean something. */
function firstComputed(node: PlanNode): number | null {
  switch (node.kind) {
    case 'aggregate':
      return node.groups.length;
    case 'over':
    case 'unnest':
      return node.input.schema.length;
    case 'filter':
      return firstComputed(node.input);
    default:
      return null;
  }
}
