import { QueryError, type Span } from '../../diagnostic.ts';
import { columnOf, filterNode, overNode, projectNode } from '../build-node.ts';
import type { Expression } from '../expression.ts';
import { type LearningFunction, type LearningParameter, learningColumnsMax } from '../learning/learning-function.ts';
import { fieldCall, functionOfMarker, learningType } from '../learning/learning-functions.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { mapChildren, mapColumns, some } from '../walk-expression.ts';
import { expressionsOf, mapInputs, mapNodeExpressions } from '../walk-plan.ts';

type Call = Extract<Expression, { kind: 'call' }>;
const lists: ReadonlySet<string> = new Set(['array_agg', 'list']);

/**
 * Turns `f(x, array_agg(x) OVER w)` of a function that learns into calls with OVER, one for each field that is asked for, all of one
 * state for each series: the list is never made. Throws QueryError E0225 for a window in which nothing can be learnt.
 */
export function recognizeLearning(plan: PlanNode): PlanNode {
  const node = mapInputs(plan, recognizeLearning);
  if (node.kind !== 'project' && node.kind !== 'filter') {
    refuse(node);
    return node;
  }
  let { input } = node;
  const replace = (expression: Expression): Expression => {
    const field = fieldOf(expression);
    if (field !== null) {
      const added = addCall(input, field.marker, field.learns, field.index);
      input = added.node;
      return columnOf(input.schema, added.index, expression.span);
    }
    const learns = expression.kind === 'call' ? functionOfMarker(expression.name) : undefined;
    if (learns === undefined) return mapChildren(expression, replace);
    const args = learns.fields.map((_, index): Expression => {
      const added = addCall(input, expression as Call, learns, index);
      input = added.node;
      return columnOf(input.schema, added.index);
    });
    if (learns.fields[0]?.name === '') return args[0] as Expression;
    return { kind: 'call', name: 'struct_pack', args, type: learningType(learns), nullable: false, ...spanned(expression.span) };
  };
  if (!expressionsOf(node).some((each) => some(each, isMarker))) return node;
  const changed = mapNodeExpressions(node, replace);
  if (changed.kind === 'project') {
    const names = node.schema.map(({ name }) => name);
    return { ...changed, ...projectNode(input, changed.expressions, names, node.span) };
  }
  if (changed.kind !== 'filter') throw new Error('an operator became another');
  const width = node.input.schema.length;
  const filtered = filterNode(input, changed.predicate, node.span);
  return projectNode(
    filtered,
    node.schema.map((_, index) => columnOf(filtered.schema, index)),
    node.schema.slice(0, width).map(({ name }) => name),
  );
}

function isMarker(expression: Expression): boolean {
  return expression.kind === 'call' && functionOfMarker(expression.name) !== undefined;
}

function refuse(node: PlanNode): void {
  for (const expression of expressionsOf(node)) {
    if (some(expression, isMarker)) {
      throw fault(expression.span, 'a function that learns stands in SELECT, WHERE or QUALIFY', 'compute it in a CTE first');
    }
  }
}

function fieldOf(expression: Expression): { marker: Call; learns: LearningFunction; index: number } | null {
  if (expression.kind !== 'call' || expression.name !== 'struct_extract') return null;
  const [marker, name] = expression.args;
  const learns = marker?.kind === 'call' ? functionOfMarker(marker.name) : undefined;
  if (learns === undefined || name?.kind !== 'constant') return null;
  const index = learns.fields.findIndex((field) => field.name.toLowerCase() === String(name.value).toLowerCase());
  return index < 0 ? null : { marker: marker as Call, learns, index };
}

/** The node below with one column more, that of the field. */
function addCall(below: PlanNode, marker: Call, learns: LearningFunction, field: number): { node: PlanNode; index: number } {
  const [value, history, ...parameters] = marker.args as [Expression, Expression, ...Expression[]];
  const make = (list: WindowCall): WindowCall => {
    const [order] = list.orderBy;
    checkWindow(learns, list, marker.span);
    const numbers = learns.parameters.map((parameter, k) => numberOf(learns, parameter, parameters[k], list.span));
    return {
      ...list,
      name: fieldCall(learns, field),
      args: [...learntColumns(learns, list.args[0] as Expression, marker), order?.expression as Expression],
      parameters: numbers,
      type: learns.fields[field]?.type as WindowCall['type'],
    };
  };
  const column = bare(history);
  if (column.kind !== 'column') throw noList(learns, marker, history);
  const added = append(below, column.index, bare(value), make);
  if (added === null) throw noList(learns, marker, history);
  return added;
}

/** Follows a column down to the list's call, adds one beside it, and brings its result up. Null: it is no such list. */
function append(
  node: PlanNode,
  column: number,
  value: Expression,
  make: (list: WindowCall) => WindowCall,
): { node: PlanNode; index: number } | null {
  const last = node.schema.length;
  if (node.kind === 'filter') {
    const below = append(node.input, column, value, make);
    return below && { node: filterNode(below.node, node.predicate, node.span), index: last };
  }
  if (node.kind === 'project') {
    const source = node.expressions[column];
    if (source?.kind !== 'column') return null;
    const origin = mapColumns(value, ({ index }) => node.expressions[index] as Expression);
    const below = append(node.input, source.index, bare(origin), make);
    if (below === null) return null;
    const names = [...node.schema.map(({ name }) => name), 'learnt'];
    return {
      node: projectNode(below.node, [...node.expressions, columnOf(below.node.schema, below.index)], names, node.span),
      index: last,
    };
  }
  if (node.kind !== 'over') return null;
  const list = node.calls[column - node.input.schema.length];
  if (list === undefined || !lists.has(list.name) || list.filter !== null || list.distinct) return null;
  if (!same(bare(list.args[0] as Expression), value)) return null;
  const over = overNode(node.input, [...node.calls, make(list)]);
  return { node: node.span === undefined ? over : { ...over, span: node.span }, index: last };
}

function checkWindow(learns: LearningFunction, { orderBy, frame, span }: WindowCall, marker: Span | undefined): void {
  const [order] = orderBy;
  const kind = order?.expression.type.kind;
  const where = span ?? marker;
  if (order === undefined || order.descending || (kind !== 'timestamp' && kind !== 'timestamptz')) {
    throw fault(where, `${learns.name}() learns in the order of time`, 'OVER (PARTITION BY the series ORDER BY its event time)');
  }
  if (frame.start.kind !== 'unbounded_preceding' || frame.end.kind !== 'current_row') {
    throw fault(
      where,
      `${learns.name}() learns from all rows up to the one at hand`,
      'leave the frame out: the model forgets by itself; state_ttl forgets a series that has ended',
    );
  }
}

function noList(learns: LearningFunction, marker: Call, history: Expression): QueryError {
  return fault(
    history.span ?? marker.span,
    `${learns.name}()'s second argument must be array_agg() OVER of its first`,
    `${learns.name}(x, array_agg(x) OVER (PARTITION BY series ORDER BY ts))`,
  );
}

function numberOf(learns: LearningFunction, parameter: LearningParameter, given: Expression | undefined, call: Span | undefined): number {
  const { name, kind, fallback, choices, least, most } = parameter;
  const span = given?.span ?? call;
  const hint = fallback === null ? `${learns.name}(x, array_agg(x) OVER w, ${name})` : `it is ${fallback} when left out`;
  const refuse = (must: string): QueryError => fault(span, `${learns.name}()'s ${name} must be ${must}`, hint);
  const words = Object.keys(choices ?? {}).map((word) => `'${word}'`);
  if (given?.kind !== 'constant') throw refuse(kind === 'interval' ? 'a constant INTERVAL' : 'a constant');
  if (typeof given.value !== 'number' || Number.isNaN(given.value)) throw refuse(words.length > 0 ? words.join(' or ') : 'a number');
  if (kind === 'count' && !Number.isInteger(given.value)) throw refuse('a whole number');
  if (given.value >= least && given.value <= most) return given.value;
  if (kind === 'interval') throw refuse('an INTERVAL of up to a year');
  if (most === Number.MAX_VALUE) throw refuse(`at least ${least}`);
  throw refuse(`from ${least} to ${most}`);
}

function learntColumns({ name, values }: LearningFunction, value: Expression, marker: Call): readonly Expression[] {
  if (values === 'text') return [value];
  if (values === 'number' || value.type.kind !== 'list') return [asDouble(value)];
  const list = bare(value);
  if (list.kind !== 'call' || list.name !== 'list_value' || list.args.length === 0) {
    throw fault(value.span ?? marker.span, `${name}() learns a number or a list of columns`, `${name}([a, b], array_agg([a, b]) OVER w)`);
  }
  if (list.args.length > learningColumnsMax) {
    throw fault(
      value.span ?? marker.span,
      `${name}() learns up to ${learningColumnsMax} columns`,
      'leave out what says the same as another',
    );
  }
  return list.args.map(asDouble);
}

function asDouble(value: Expression): Expression {
  if (value.type.kind === 'double') return value;
  return { kind: 'cast', child: value, try: false, type: { kind: 'double' }, nullable: value.nullable, ...spanned(value.span) };
}

function bare(expression: Expression): Expression {
  return expression.kind === 'cast' ? bare(expression.child) : expression;
}

function same(a: Expression, b: Expression): boolean {
  const text = (expression: Expression): string =>
    JSON.stringify(expression, (name, value: unknown) =>
      name === 'span' || name === 'nullable' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
    );
  return text(a) === text(b);
}

function spanned(span: Span | undefined): { span?: Span } {
  return span === undefined ? {} : { span };
}

function fault(span: Span | undefined, message: string, hint: string): QueryError {
  return new QueryError('E0225', message, { span, hint });
}
