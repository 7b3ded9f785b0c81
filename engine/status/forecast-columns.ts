import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Expression } from '../plan/expression.ts';
import { learningCall } from '../plan/learning/learning-functions.ts';
import type { PlanNode, WindowCall } from '../plan/plan.ts';

/** A column, and the field of it when it is a STRUCT. */
export type ColumnPath = readonly [column: string, field?: string];

export interface ForecastColumns {
  /** Lists by step, from the row on. */
  readonly lists: { readonly mean: ColumnPath; readonly lower: ColumnPath; readonly upper: ColumnPath };
  /** Column whose forecast it is; null: the first number of the result. */
  readonly value: string | null;
  /** Microseconds between two steps; null: as the rows have it. */
  readonly stepMicros: number | null;
}

export interface BreachColumns {
  readonly threshold: number;
  readonly bound: 'upper' | 'lower';
  /** Column that is held against it. */
  readonly value: string;
  readonly minutesUntil: ColumnPath | null;
  readonly probability: ColumnPath | null;
}

type Query = Pick<QueryDefinition, 'schema' | 'plan'>;

/** Where a query's result has a forecast: by names and types as forecast() has them; the plan says of what, and how far apart its steps are. */
export function forecastColumns(query: Query): ForecastColumns | null {
  const lists = forecastLists(query.schema);
  if (lists === null) return null;
  const learnt = learntOf(query, 'forecast');
  const step = learnt?.parameters.step ?? 0;
  return { lists, value: learnt?.value ?? null, stepMicros: step > 0 ? step : null };
}

/** The threshold that a query's breach() asks for, when the value it is asked of is in the result. */
export function breachColumns(query: Query): BreachColumns | null {
  const learnt = learntOf(query, 'breach');
  if (learnt === null || learnt.value === null) return null;
  const { threshold, bound } = learnt.parameters;
  if (threshold === undefined) return null;
  const path = (field: string) => learnt.fields.get(field) ?? byName(query.schema, field);
  return {
    threshold,
    bound: bound === -1 ? 'lower' : 'upper',
    value: learnt.value,
    minutesUntil: path('minutes_until'),
    probability: path('probability'),
  };
}

function forecastLists(schema: readonly ColumnSpec[]): ForecastColumns['lists'] | null {
  const names = ['mean', 'lower', 'upper'] as const;
  if (names.every((name) => schema.some((column) => column.name === name && isNumberList(column.type))))
    return { mean: ['mean'], lower: ['lower'], upper: ['upper'] };
  const struct = schema.find(({ type }) => names.every((name) => isNumberList(fieldType(type, name))));
  if (struct === undefined) return null;
  return { mean: [struct.name, 'mean'], lower: [struct.name, 'lower'], upper: [struct.name, 'upper'] };
}

function byName(schema: readonly ColumnSpec[], name: string): ColumnPath | null {
  if (schema.some((column) => column.name === name && column.type.kind === 'double')) return [name];
  const struct = schema.find(({ type }) => fieldType(type, name)?.kind === 'double');
  return struct === undefined ? null : [struct.name, name];
}

function isNumberList(type: DataType | undefined): boolean {
  return type?.kind === 'list' && type.child.kind === 'double';
}

function fieldType(type: DataType, name: string): DataType | undefined {
  return type.kind === 'struct' ? type.fields.find((field) => field.name === name)?.type : undefined;
}

interface Learnt {
  readonly parameters: Readonly<Record<string, number>>;
  /** Column of the result that is learnt. */
  readonly value: string | null;
  /** Columns of the result that are, but for rounding, fields of it. */
  readonly fields: ReadonlyMap<string, ColumnPath>;
}

/** The first call of a function that learns, as far as the result's columns can be traced down to it. */
function learntOf({ schema, plan }: Query, name: string): Learnt | null {
  let node = plan;
  let traced = plan.schema.map((_, index): Place | null => ({ index, field: null }));
  for (;;) {
    if (node.kind === 'over') {
      const width = node.input.schema.length;
      const call = node.calls.find((each) => learningCall(each.name)?.learns.name === name);
      if (call !== undefined) return learntBy(call, node.calls, width, traced.map(columnIndex), schema);
      traced = traced.map((from) => (from !== null && from.index < width ? from : null));
    } else if (node.kind === 'project') {
      const { expressions } = node;
      traced = traced.map((from) => (from === null ? null : placeOf(expressions[from.index], from.field)));
    } else if (node.kind !== 'filter' && node.kind !== 'distinct') return null;
    node = (node as Extract<PlanNode, { kind: 'over' }>).input;
  }
}

function learntBy(
  call: WindowCall,
  calls: readonly WindowCall[],
  width: number,
  traced: readonly (number | null)[],
  schema: readonly ColumnSpec[],
): Learnt {
  const { learns } = learningCall(call.name) as NonNullable<ReturnType<typeof learningCall>>;
  const parameters = Object.fromEntries(learns.parameters.map(({ name }, k) => [name, call.parameters?.[k] as number]));
  const place = columnIndex(placeOf(call.args[0]));
  const index = place === null ? -1 : traced.indexOf(place);
  const fields = new Map<string, ColumnPath>();
  for (const [k, each] of calls.entries()) {
    const found = learningCall(each.name);
    const column = schema[traced.indexOf(width + k)];
    const own = String(each.parameters) === String(call.parameters);
    const field = found?.learns === learns && own ? learns.fields[found.field]?.name : undefined;
    if (field !== undefined && column !== undefined) fields.set(field, [column.name]);
  }
  return { parameters, value: schema[index]?.name ?? null, fields };
}

/** A column, or the field of a column that is a STRUCT. */
interface Place {
  readonly index: number;
  readonly field: string | null;
}

/** What an expression, or the field of one, is a copy of, but for its type and for rounding. */
function placeOf(expression: Expression | undefined, field: string | null = null): Place | null {
  if (expression?.kind === 'column') return { index: expression.index, field };
  if (expression?.kind === 'cast') return field === null ? placeOf(expression.child) : null;
  if (expression?.kind !== 'call') return null;
  const [first, second] = expression.args;
  if (rounding.has(expression.name)) return placeOf(first);
  if (expression.name === 'struct_extract' && field === null && second?.kind === 'constant') return placeOf(first, String(second.value));
  if (expression.name !== 'struct_pack' || expression.type.kind !== 'struct' || field === null) return null;
  return placeOf(expression.args[expression.type.fields.findIndex(({ name }) => name.toLowerCase() === field.toLowerCase())]);
}

function columnIndex(place: Place | null | undefined): number | null {
  return place === null || place === undefined || place.field !== null ? null : place.index;
}

const rounding: ReadonlySet<string> = new Set(['round', 'ceil', 'ceiling', 'floor']);
