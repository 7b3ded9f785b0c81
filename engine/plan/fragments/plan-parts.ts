import type { ColumnSpec, DataType } from '../../../connectors/data-type.ts';
import { selectColumns } from '../build-node.ts';
import type { Expression } from '../expression.ts';
import type { AggregateCall, PlanNode } from '../plan.ts';

const unnumbered = -1;

export function columnAt(schema: readonly ColumnSpec[], index: number): Expression {
  const { type, nullable } = schema[index] as ColumnSpec;
  return { kind: 'column', index, type, nullable };
}

export function castTo(child: Expression, type: DataType): Expression {
  return { kind: 'cast', child, try: false, type, nullable: child.nullable };
}

export function project(input: PlanNode, expressions: readonly Expression[], names: readonly string[]): PlanNode {
  const schema = expressions.map(({ type, nullable }, index) => ({ name: names[index] as string, type, nullable }));
  return { id: unnumbered, schema, kind: 'project', input, expressions };
}

export function scan(table: string, schema: readonly ColumnSpec[]): PlanNode {
  return { id: unnumbered, schema, kind: 'scan', table, columns: schema.map(({ name }) => name) };
}

/** The input's first `width` columns. */
export function selectFirst(input: PlanNode, width: number): PlanNode {
  return input.schema.length === width ? input : selectColumns(input, [...input.schema.keys()].slice(0, width));
}

/** `name(argument)` without FILTER, DISTINCT and ORDER BY. */
export function plainCall(name: string, argument: Expression, type: DataType): AggregateCall {
  return { name, args: [argument], filter: null, distinct: false, orderBy: [], parameters: [], type };
}

const microsPerStep = { kind: 'interval' } as const;

/** `time + micros`, of a TIMESTAMP. */
export function shifted(time: Expression, micros: bigint): Expression {
  const value = { months: 0, days: 0, micros };
  const step: Expression = { kind: 'constant', type: microsPerStep, nullable: false, value };
  return { kind: 'call', name: '+', args: [time, step], type: time.type, nullable: time.nullable };
}

/** Names of a stream between lanes: nobody reads them, but no two may be alike. */
export function columnNames(columns: number): string[] {
  return Array.from({ length: columns }, (_, index) => `c${index}`);
}
