import type { Expression } from '../expression.ts';
import type { PlanNode, WindowSpec } from '../plan.ts';
import { columnsOf } from '../walk-expression.ts';

export type FixedWindow = Extract<WindowSpec, { kind: 'tumble' | 'hop' }>;

/** A column that holds a bound of a window of fixed length below, through projections and filters. */
export interface WindowBound {
  readonly window: FixedWindow;
  readonly part: 'start' | 'end';
}

export function windowBound(node: PlanNode, column: number): WindowBound | null {
  switch (node.kind) {
    case 'filter':
      return windowBound(node.input, column);
    case 'project': {
      const expression = node.expressions[column];
      return expression?.kind === 'column' ? windowBound(node.input, expression.index) : null;
    }
    case 'window': {
      const after = column - node.input.schema.length;
      if (after < 0) return windowBound(node.input, column);
      return node.window.kind === 'session' ? null : { window: node.window, part: after === 0 ? 'start' : 'end' };
    }
    default:
      return null;
  }
}

/** Length (microseconds) of the stretches of time of which all windows are made, none of which lies in a window by half. */
export function sliceMicros(window: FixedWindow): bigint {
  return window.kind === 'tumble' ? window.sizeMicros : greatestDivisor(window.sizeMicros, window.slideMicros);
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

/**
 * `node` with slices, which do not overlap, in place of `window` somewhere below: what is asked of rows must not depend on the window
 * that they are in. Null when it does. Also the columns that hold the bounds of a slice then.
 */
export function sliced(node: PlanNode, window: FixedWindow): { readonly node: PlanNode; readonly bounds: ReadonlySet<number> } | null {
  if (node.kind === 'window' && node.window === window) {
    const { time, delayMicros } = window;
    const tumble: WindowSpec = {
      kind: 'tumble',
      time,
      sizeMicros: sliceMicros(window),
      ...(delayMicros === undefined ? {} : { delayMicros }),
    };
    const { length } = node.input.schema;
    return { node: { ...node, window: tumble }, bounds: new Set([length, length + 1]) };
  }
  if (node.kind !== 'filter' && node.kind !== 'project') return null;
  const below = sliced(node.input, window);
  if (below === null) return null;
  if (node.kind === 'filter') return readsAny(node.predicate, below.bounds) ? null : { ...below, node: { ...node, input: below.node } };
  const bounds = new Set<number>();
  for (const [index, expression] of node.expressions.entries()) {
    if (expression.kind === 'column' && below.bounds.has(expression.index)) bounds.add(index);
    else if (readsAny(expression, below.bounds)) return null;
  }
  return { node: { ...node, input: below.node }, bounds };
}

export function readsAny(expression: Expression, columns: ReadonlySet<number>): boolean {
  return [...columnsOf(expression)].some((column) => columns.has(column));
}
