import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Expression } from '../expression.ts';
import { aggregateNullable } from '../nullability.ts';
import type { AggregateCall, PlanNode } from '../plan.ts';
import { type MergedAggregate, mergedAggregate } from './merge-aggregate.ts';
import { columnAt, project, scan, shifted } from './plan-parts.ts';
import { type Facts, factOf, unknownDelay } from '../time-fact.ts';
import { readsAny, sliced, sliceMicros, type WindowBound, windowBound } from './window-bounds.ts';

type Aggregate = Extract<PlanNode, { kind: 'aggregate' }>;

/** An aggregate that closes by time as two: in each lane over its own rows, and over what the lanes have when it closes. */
export interface SplitAggregate {
  /** Puts out the groups, then the parts. */
  readonly partial: Aggregate;
  /** Groups that are not the same in both: slices in place of windows. */
  readonly sliced: ReadonlySet<number>;
  /** The whole aggregate over a stream of the partial's rows, and the part of it that is the aggregate. */
  final(stream: string): { readonly plan: PlanNode; readonly aggregate: PlanNode };
}

/**
 * Over windows of fixed length, or by a bucket of time. Windows that overlap are made of slices that do not, so that a row is in one
 * part only. Null when it closes by nothing of this, or cannot be put together from parts. `facts`: of the aggregate's input.
 */
export function splitAggregate(node: Aggregate, facts: Facts, names: (columns: number) => readonly string[]): SplitAggregate | null {
  const merges = node.aggregates.map(mergedAggregate);
  if (merges.length === 0 || merges.includes(null)) return null;
  const parts = merges as MergedAggregate[];
  const bounds = node.groups.map((group) => (group.kind === 'column' ? windowBound(node.input, group.index) : null));
  const bound = bounds.find((each) => each?.part === 'end') ?? bounds.find((each) => each !== null) ?? null;
  if (bound === null && !closesByBucket(node, facts)) return null;
  // Bounds of two windows over each other: what the parts keep would speak of one only.
  if (bounds.some((each) => each !== null && each.window !== bound?.window)) return null;
  const below = bound?.window.kind === 'hop' ? overSlices(node, bound) : node;
  if (below === null) return null;
  const partial = partialNode(below, parts, names);
  const moved = new Set(bounds.flatMap((each, index) => (each?.window.kind === 'hop' ? [index] : [])));
  return { partial, sliced: moved, final: (stream) => finalPlan(node, partial, parts, bounds, bound, stream) };
}

/** Not by the time of the rows themselves: there are hardly fewer groups than rows then. */
function closesByBucket({ groups }: Aggregate, facts: Facts): boolean {
  return groups.some((group) => {
    const fact = factOf(group, facts);
    return fact !== null && !fact.otherClock && fact.role !== 'time' && fact.delayMicros < unknownDelay;
  });
}

/** The aggregate over slices of its windows; null when something but its groups depends on the window. */
function overSlices(node: Aggregate, { window }: WindowBound): Aggregate | null {
  const below = sliced(node.input, window);
  if (below === null) return null;
  const computed = node.groups.filter((group) => group.kind !== 'column');
  const read = [...computed, ...node.aggregates.flatMap(({ args, filter }) => (filter === null ? args : [...args, filter]))];
  return read.some((expression) => readsAny(expression, below.bounds)) ? null : { ...node, input: below.node };
}

function partialNode(node: Aggregate, merges: readonly MergedAggregate[], names: (columns: number) => readonly string[]): Aggregate {
  const calls = merges.flatMap((merge) => merge.partials);
  const named = names(node.groups.length + calls.length);
  const schema = [...node.groups.map(specOf), ...calls.map((call) => callSpec(call, true))];
  return { ...node, schema: schema.map((column, index) => ({ ...column, name: named[index] as string })), aggregates: calls };
}

function finalPlan(
  node: Aggregate,
  partial: Aggregate,
  merges: readonly MergedAggregate[],
  bounds: readonly (WindowBound | null)[],
  bound: WindowBound | null,
  stream: string,
): { plan: PlanNode; aggregate: PlanNode } {
  const input = scan(stream, partial.schema);
  const windowed = bound === null ? input : windowOver(input, bounds.indexOf(bound), bound);
  const width = input.schema.length;
  const groups = bounds.map((each, index) => columnAt(windowed.schema, each === null ? index : width + (each.part === 'start' ? 0 : 1)));
  let next = groups.length;
  const merged = merges.map((merge) => merge.merge(merge.partials.map(() => columnAt(windowed.schema, next++))));
  const calls = merged.flat();
  const schema = [...groups.map(specOf), ...calls.map((call) => callSpec(call, groups.length > 0))].map((column, index) => ({
    ...column,
    name: `m${index}`,
  }));
  const aggregate: PlanNode = { id: node.id, schema, kind: 'aggregate', input: windowed, groups, aggregates: calls };
  let at = groups.length;
  const results = merges.map((merge, index) => merge.finish((merged[index] as AggregateCall[]).map(() => columnAt(schema, at++))));
  const expressions = [...groups.map((_, index) => columnAt(schema, index)), ...results];
  const finished = project(
    aggregate,
    expressions.map((each, index) => ({ ...each, nullable: node.schema[index]?.nullable ?? true })),
    node.schema.map(({ name }) => name),
  );
  return { plan: finished, aggregate };
}

/**
 * The windows again, from a time inside those of the parts: their bounds are then known to close by the watermark, no later than the
 * windows of the parts do.
 */
function windowOver(input: PlanNode, column: number, { window, part }: WindowBound): PlanNode {
  const time = shifted(columnAt(input.schema, column), part === 'end' ? -1n : sliceMicros(window) - 1n);
  const bounds: ColumnSpec[] = ['window_start', 'window_end'].map((name) => ({ name, type: { kind: 'timestamp' }, nullable: false }));
  const { delayMicros = 0n } = window;
  return { id: -1, schema: [...input.schema, ...bounds], kind: 'window', input, window: { ...window, time, delayMicros } };
}

function specOf({ type, nullable }: Expression): ColumnSpec {
  return { name: '', type, nullable };
}

function callSpec(call: AggregateCall, grouped: boolean): ColumnSpec {
  return { name: '', type: call.type, nullable: aggregateNullable(call.name, call.args, call.filter !== null, grouped) };
}
