import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Span } from '../diagnostic.ts';
import type { Expression } from './expression.ts';
import { aggregateNullable } from './nullability.ts';
import type { AggregateCall, PlanNode, WindowCall, WindowSpec } from './plan.ts';

/** Node constructors: they derive the schema; ids are given when the plan is finished (`numberNodes`). */
type Join = Extract<PlanNode, { kind: 'join' }>;

const unnumbered = -1;

function base(schema: readonly ColumnSpec[], span: Span | undefined): { id: number; schema: readonly ColumnSpec[]; span?: Span } {
  return span === undefined ? { id: unnumbered, schema } : { id: unnumbered, schema, span };
}

export function scanNode(table: string, columns: readonly ColumnSpec[], span?: Span): PlanNode {
  return { ...base(columns, span), kind: 'scan', table, columns: columns.map((column) => column.name) };
}

export function filterNode(input: PlanNode, predicate: Expression, span?: Span): PlanNode {
  return { ...base(input.schema, span ?? predicate.span), kind: 'filter', input, predicate };
}

export function projectNode(input: PlanNode, expressions: readonly Expression[], names: readonly string[], span?: Span): PlanNode {
  const schema = expressions.map((each, index) => ({ name: names[index] ?? `column${index}`, type: each.type, nullable: each.nullable }));
  return { ...base(schema, span), kind: 'project', input, expressions };
}

export function columnOf(schema: readonly ColumnSpec[], index: number, span?: Span): Expression {
  const column = schema[index];
  if (column === undefined) throw new Error(`column ${index} is out of range of ${schema.length}`);
  return { kind: 'column', index, type: column.type, nullable: column.nullable, ...(span === undefined ? {} : { span }) };
}

/** Some of the input's columns, in the order given. */
export function selectColumns(input: PlanNode, indexes: readonly number[]): PlanNode {
  return projectNode(
    input,
    indexes.map((index) => columnOf(input.schema, index)),
    indexes.map((index) => input.schema[index]?.name ?? ''),
  );
}

export function windowNode(input: PlanNode, window: WindowSpec, span?: Span): PlanNode {
  const time = window.time.kind === 'column' ? window.time.index : -1;
  const kept = input.schema.map((column, index) => (index === time ? { ...column, nullable: false } : column));
  const bounds = ['window_start', 'window_end'].map((name) => ({ name, type: { kind: 'timestamp' } as const, nullable: false }));
  return { ...base([...kept, ...bounds], span), kind: 'window', input, window };
}

export function aggregateNode(
  input: PlanNode,
  groups: readonly Expression[],
  aggregates: readonly AggregateCall[],
  names: readonly string[],
): PlanNode {
  const schema = [
    ...groups.map((each, index) => ({ name: names[index] ?? `key${index}`, type: each.type, nullable: each.nullable })),
    ...aggregates.map((each, index) => ({
      name: names[groups.length + index] ?? each.name,
      type: each.type,
      nullable: aggregateNullable(each.name, each.args, each.filter !== null, groups.length > 0),
    })),
  ];
  return { ...base(schema, undefined), kind: 'aggregate', input, groups, aggregates };
}

const alwaysNumbered: ReadonlySet<string> = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'percent_rank',
  'cume_dist',
  'count',
  'count_star',
  'ntile',
]);

export function overNode(input: PlanNode, calls: readonly WindowCall[]): PlanNode {
  const added = calls.map((call) => ({ name: call.name, type: call.type, nullable: !alwaysNumbered.has(call.name) }));
  return { ...base([...input.schema, ...added], undefined), kind: 'over', input, calls };
}

export function joinNode(parts: Pick<Join, 'left' | 'right' | 'type' | 'asof' | 'conditions' | 'residual'>, span?: Span): PlanNode {
  const { left, right, type, asof, conditions, residual } = parts;
  return { ...base(joinSchema(parts), span), kind: 'join', left, right, type, asof, conditions, residual };
}

function joinSchema(parts: Pick<Join, 'left' | 'right' | 'type'>): ColumnSpec[] {
  const leftMissing = parts.type === 'right' || parts.type === 'full';
  const rightMissing = parts.type === 'left' || parts.type === 'full' || parts.type === 'single';
  const left = parts.left.schema.map((column) => (leftMissing ? { ...column, nullable: true } : column));
  const right = parts.right.schema.map((column) => (rightMissing ? { ...column, nullable: true } : column));
  if (parts.type === 'semi' || parts.type === 'anti') return left;
  if (parts.type === 'mark') return [...left, { name: 'mark', type: { kind: 'boolean' }, nullable: true }];
  return [...left, ...right];
}

export function unnestNode(input: PlanNode, lists: readonly Expression[], span?: Span): PlanNode {
  const added = lists.map((list, index) => {
    if (list.type.kind !== 'list') throw new Error('unnest of what is no list');
    return { name: `unnest${index}`, type: list.type.child, nullable: true };
  });
  return { ...base([...input.schema, ...added], span), kind: 'unnest', input, lists };
}

export function unionNode(inputs: readonly PlanNode[], all: boolean): PlanNode {
  const first = inputs[0];
  if (first === undefined) throw new Error('union of nothing');
  const schema = first.schema.map((column, index) => ({
    ...column,
    nullable: inputs.some((each) => each.schema[index]?.nullable ?? true),
  }));
  return { ...base(schema, undefined), kind: 'union', inputs, all };
}

export function distinctNode(input: PlanNode, on: readonly Expression[]): PlanNode {
  return { ...base(input.schema, undefined), kind: 'distinct', input, on };
}

export function valuesNode(rows: readonly (readonly Expression[])[], schema: readonly ColumnSpec[]): PlanNode {
  return { ...base(schema, undefined), kind: 'values', rows };
}
