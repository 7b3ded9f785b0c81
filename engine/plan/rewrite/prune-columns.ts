import {
  aggregateNode,
  distinctNode,
  filterNode,
  joinNode,
  overNode,
  projectNode,
  scanNode,
  selectColumns,
  unionNode,
  unnestNode,
  windowNode,
} from '../build-node.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { columnsOf, mapColumns } from '../walk-expression.ts';
import { expressionsOf, mapAggregate, mapWindow, mapWindowCall } from '../walk-plan.ts';

interface Pruned {
  readonly node: PlanNode;
  /** New index of an old column, for each that was asked for. */
  readonly index: (old: number) => number;
}

/** Leaves out the columns that nothing reads, down to the scans. The root keeps its columns and their order. */
export function pruneColumns(plan: PlanNode): PlanNode {
  const all = plan.schema.map((_, index) => index);
  const { node, index } = prune(plan, new Set(all));
  if (node.schema.length === all.length && all.every((each) => index(each) === each)) return node;
  return selectColumns(node, all.map(index));
}

function prune(node: PlanNode, needed: ReadonlySet<number>): Pruned {
  switch (node.kind) {
    case 'scan': {
      const kept = ascending(needed);
      return {
        node: scanNode(
          node.table,
          kept.map((each) => node.schema[each]!),
          node.span,
        ),
        index: (old) => kept.indexOf(old),
      };
    }
    case 'values':
      return { node, index: (old) => old };
    case 'filter': {
      const input = prune(node.input, union(needed, readBy([node.predicate])));
      return { node: filterNode(input.node, remap(node.predicate, input), node.span), index: input.index };
    }
    case 'project': {
      const kept = ascending(needed);
      const expressions = kept.map((each) => node.expressions[each]!);
      const input = prune(node.input, readBy(expressions));
      const names = kept.map((each) => node.schema[each]!.name);
      const remapped = expressions.map((each) => remap(each, input));
      return { node: projectNode(input.node, remapped, names, node.span), index: (old) => kept.indexOf(old) };
    }
    case 'window':
    case 'unnest':
    case 'over':
      return pruneAppending(node, needed);
    case 'aggregate': {
      const keys = node.groups.length;
      const kept = node.aggregates.map((_, index) => keys + index).filter((each) => needed.has(each));
      const aggregates = kept.map((each) => node.aggregates[each - keys]!);
      const names = [...node.groups.map((_, index) => index), ...kept].map((each) => node.schema[each]!.name);
      const input = prune(node.input, readBy(expressionsOf({ ...node, aggregates })));
      const pruned = aggregateNode(
        input.node,
        node.groups.map((each) => remap(each, input)),
        aggregates.map((call) => mapAggregate(call, (each) => remap(each, input))),
        names,
      );
      return { node: spanned(pruned, node), index: (old) => (old < keys ? old : keys + kept.indexOf(old)) };
    }
    case 'distinct': {
      const input = prune(node.input, union(needed, readBy(node.on)));
      return {
        node: spanned(
          distinctNode(
            input.node,
            node.on.map((each) => remap(each, input)),
          ),
          node,
        ),
        index: input.index,
      };
    }
    case 'union': {
      const kept = ascending(needed);
      const inputs = node.inputs.map((each) => {
        const input = prune(each, needed);
        return selectColumns(input.node, kept.map(input.index));
      });
      return { node: spanned(unionNode(inputs, node.all), node), index: (old) => kept.indexOf(old) };
    }
    case 'join':
      return pruneJoin(node, needed);
  }
}

/** Operators whose output is their input's columns and some more. */
function pruneAppending(node: Extract<PlanNode, { kind: 'window' | 'unnest' | 'over' }>, needed: ReadonlySet<number>): Pruned {
  const width = node.input.schema.length;
  const keys = node.kind === 'over' ? node.calls.map(callKey) : [];
  const calls = node.kind === 'over' ? node.calls.filter((_, index) => needsCall(keys, index, width, needed)) : [];
  const used = node.kind === 'over' ? expressionsOf({ ...node, calls }) : expressionsOf(node);
  const input = prune(node.input, union(new Set(ascending(needed).filter((each) => each < width)), readBy(used)));
  const change = (each: Expression): Expression => remap(each, input);
  const newWidth = input.node.schema.length;
  if (node.kind === 'window') {
    return {
      node: windowNode(input.node, mapWindow(node.window, change), node.span),
      index: (old) => (old < width ? input.index(old) : newWidth + old - width),
    };
  }
  if (node.kind === 'unnest') {
    return {
      node: unnestNode(input.node, node.lists.map(change), node.span),
      index: (old) => (old < width ? input.index(old) : newWidth + old - width),
    };
  }
  if (calls.length === 0) return input;
  const over = overNode(
    input.node,
    calls.map((call) => mapWindowCall(call, change)),
  );
  return {
    node: spanned(over, node),
    index: (old) => (old < width ? input.index(old) : newWidth + calls.findIndex((call) => callKey(call) === keys[old - width])),
  };
}

/** Of equal calls the first serves all: DuckDB binds `f(x) OVER w` once for each place where it is written. */
function needsCall(keys: readonly string[], index: number, width: number, needed: ReadonlySet<number>): boolean {
  const isFirst = keys.indexOf(keys[index]!) === index;
  return isFirst && keys.some((key, other) => key === keys[index] && needed.has(width + other));
}

function callKey(call: WindowCall): string {
  return JSON.stringify(call, (name, value: unknown) => (name === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value));
}

function pruneJoin(node: Extract<PlanNode, { kind: 'join' }>, needed: ReadonlySet<number>): Pruned {
  const width = node.left.schema.length;
  const isMark = node.type === 'mark';
  const both = union(
    isMark ? new Set([...needed].filter((each) => each < width)) : needed,
    readBy(node.residual === null ? [] : [node.residual]),
  );
  const leftNeeded = union(new Set([...both].filter((each) => each < width)), readBy(node.conditions.map((each) => each.left)));
  const rightNeeded = union(
    new Set([...both].filter((each) => each >= width).map((each) => each - width)),
    readBy(node.conditions.map((each) => each.right)),
  );
  const left = prune(node.left, leftNeeded);
  const right = prune(node.right, rightNeeded);
  const newWidth = left.node.schema.length;
  const joinedIndex = (old: number): number => (old < width ? left.index(old) : newWidth + right.index(old - width));
  const residual = node.residual === null ? null : mapColumns(node.residual, (column) => ({ ...column, index: joinedIndex(column.index) }));
  const conditions = node.conditions.map((each) => ({ ...each, left: remap(each.left, left), right: remap(each.right, right) }));
  const joined = joinNode({ ...node, left: left.node, right: right.node, conditions, residual }, node.span);
  return { node: joined, index: (old) => (isMark && old === width ? newWidth : joinedIndex(old)) };
}

function spanned(node: PlanNode, like: PlanNode): PlanNode {
  return like.span === undefined ? node : { ...node, span: like.span };
}

function remap(expression: Expression, input: Pruned): Expression {
  return mapColumns(expression, (column) => {
    const index = input.index(column.index);
    if (index < 0) throw new Error(`column ${column.index} was pruned and is read`);
    return { ...column, index };
  });
}

function readBy(expressions: readonly Expression[]): Set<number> {
  const used = new Set<number>();
  for (const expression of expressions) columnsOf(expression, used);
  return used;
}

function union(a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> {
  return new Set([...a, ...b]);
}

function ascending(indexes: ReadonlySet<number>): number[] {
  return [...indexes].sort((a, b) => a - b);
}
