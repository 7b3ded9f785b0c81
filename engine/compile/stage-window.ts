import { QueryError } from '../diagnostic.ts';
import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { notSupported } from './refuse.ts';
import { type Binding, resolveBinding } from './row-scope.ts';

export type WindowNode = Extract<PlanNode, { kind: 'window' }>;

/** A column that holds the start or end of windows that an aggregate before has closed. */
export interface WindowColumn {
  readonly part: 'start' | 'end';
  /** The aggregate's window, and where it keeps its watermark. */
  readonly window: StageWindow;
  readonly state: string;
}

/**
 * window: bounds of the windows that the stage before has closed. query: the query's own watermark, less `delay` microseconds: the
 * plan says that the time lies at most so far behind it.
 */
export type FollowedTime = { readonly kind: 'window'; readonly column: WindowColumn } | { readonly kind: 'query'; readonly delay: bigint };

/** How rows of a stage fall into windows, and when those close. Times in microseconds. */
export interface StageWindow {
  readonly node: number;
  /**
   * tumble: a pane is a window. slices: a pane is one slide, and a window's slides are merged when it closes. folds: a pane is a
   * window, and a row goes into each that holds it. Pane k starts at k * slide.
   */
  readonly mode: 'tumble' | 'slices' | 'folds';
  readonly slide: bigint;
  /** Window w starts at w * slide and closes `close` later; window_end is `size` after its start. */
  readonly close: bigint;
  readonly size: bigint;
  /** Panes that a row goes into. */
  readonly folds: number;
  /** The time of a row is this, less `shift`. */
  readonly time: Expression;
  readonly bindings: readonly Binding[];
  readonly shift: bigint;
  /** Time of rows that have none, or an infinite one; without it they are left out. */
  readonly timeless?: bigint;
  /** What the stage's watermark is made from. */
  readonly follows: FollowedTime;
}

const foldsMax = 4096n;

/** The window of a window node. `folds`: the rows' expressions speak of the window, so that slices cannot stand for it. */
export function windowOfNode(
  node: WindowNode,
  bindings: readonly Binding[],
  columns: ReadonlyMap<Binding, WindowColumn>,
  folded: boolean,
): StageWindow {
  const { window } = node;
  if (window.kind === 'session') throw notSupported('a session window', node.span);
  const follows = followedTime(node, window.time, bindings, columns);
  const slide = window.kind === 'hop' ? window.slideMicros : window.sizeMicros;
  const size = window.sizeMicros;
  if (slide <= 0n || size <= 0n) throw new QueryError('E0402', 'a window must have a positive size', { span: node.span });
  const common = { node: node.id, slide, close: size, size, time: window.time, bindings, shift: 0n, follows };
  if (slide === size) return { ...common, mode: 'tumble', folds: 1 };
  if (size % slide !== 0n && folded)
    throw notSupported('aggregates that read the bounds of a hop whose size is not a multiple of its slide', node.span);
  const folds = size / slide;
  if (folds > foldsMax) throw notSupported(`hop with ${folds} windows at once (at most ${foldsMax})`, node.span);
  if (folded) return { ...common, mode: 'folds', folds: Number(folds) };
  return { ...common, mode: 'slices', folds: 1 };
}

/** Grouping by window columns of an aggregate below, without a new window: one pane per window there. */
export function inheritedWindow(node: number, key: Expression, bindings: readonly Binding[], column: WindowColumn): StageWindow {
  return {
    node,
    mode: 'tumble',
    slide: column.window.slide,
    close: column.window.slide,
    size: column.window.size,
    folds: 1,
    time: key,
    bindings,
    shift: column.part === 'end' ? column.window.size : 0n,
    follows: { kind: 'window', column },
  };
}

/** Whether a value is made from the window's bounds. */
export function readsWindow(expression: Expression, bindings: readonly Binding[]): boolean {
  if (expression.kind === 'column') return bindingReadsWindow(bindings[expression.index] as Binding);
  return childrenOf(expression).some((child) => readsWindow(child, bindings));
}

function bindingReadsWindow(binding: Binding): boolean {
  if (binding.kind === 'window') return true;
  if (binding.kind === 'bound') return false;
  return binding.kind === 'expression' && readsWindow(binding.expression, binding.bindings);
}

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'constant':
      return [];
    case 'compare':
      return [expression.left, expression.right];
    case 'case':
      return [...expression.branches.flatMap((branch) => [branch.when, branch.then]), expression.otherwise];
    case 'in':
      return [expression.child, ...expression.list];
    case 'and':
    case 'or':
    case 'coalesce':
      return expression.children;
    case 'call':
      return expression.args;
    default:
      return [expression.child];
  }
}

function followedTime(
  node: WindowNode,
  time: Expression,
  bindings: readonly Binding[],
  columns: ReadonlyMap<Binding, WindowColumn>,
): FollowedTime {
  const delay = node.window.delayMicros;
  const source = sourceOfTime(time, bindings);
  const column = source === null ? undefined : columns.get(source);
  if (column !== undefined) return { kind: 'window', column };
  if (delay !== undefined || source !== null) return { kind: 'query', delay: delay ?? 0n };
  throw new QueryError('E0403', 'the time of a window must be a column that carries event time', {
    span: time.span ?? node.span,
    hint: 'use the event_time column of the source, or window_start or window_end of the windows below',
  });
}

/** The column in memory that a time is, as it is or through casts that keep its value; null when it is computed. */
function sourceOfTime(time: Expression, bindings: readonly Binding[]): Binding | null {
  // A date or a timestamp of another unit reaches the window through a cast; one that rounds would let rows fall behind the watermark.
  if (time.kind === 'cast')
    return time.type.kind === 'timestamp' || time.type.kind === 'timestamptz' ? sourceOfTime(time.child, bindings) : null;
  if (time.kind !== 'column') return null;
  const binding = resolveBinding(bindings[time.index] as Binding);
  if (binding.kind === 'expression') return sourceOfTime(binding.expression, binding.bindings);
  return binding.kind === 'memory' || binding.kind === 'bound' ? binding : null;
}

/** Whether the stage's watermark is the end of the first window that is open below. */
export function followsEnds({ follows, shift }: StageWindow): boolean {
  return follows.kind === 'window' && follows.column.part === 'end' && shift === 0n;
}
