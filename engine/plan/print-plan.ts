import type { QueryDefinition } from './catalog.ts';
import type { NodeChange } from './changes.ts';
import type { Expression } from './expression.ts';
import { constantText, expressionText } from './expression-text.ts';
import { nodeLabel } from './node-label.ts';
import type { PlanNode, StateBound } from './plan.ts';
import { typeName } from './type-name.ts';
import { inputsOf } from './walk-plan.ts';

/** Widest operator line before its state: longer details are cut for the eye; the JSON form has everything. */
export const lineLengthMax = 110;

export type ExplainedQuery = Pick<QueryDefinition, 'plan' | 'bounds' | 'nodeChanges'>;

/**
 * A query's plan as a tree, the operator nearest to the result first; beside each stateful one why its state is bounded, or not, and
 * beside each whose rows are taken back why, and by which columns they are told apart.
 */
export function printPlan(query: ExplainedQuery, lengthMax = lineLengthMax): string {
  const lines: { text: string; state: string }[] = [];
  const visit = (node: PlanNode, lead: string, branch: string): void => {
    lines.push({
      text: cut(`${lead}${branch}${nodeLine(node)}`, lengthMax),
      state: [stateText(query.bounds.find((bound) => bound.node === node.id)), changeText(node, query)].filter(Boolean).join('; '),
    });
    const inputs = inputsOf(node);
    const below = lead + (branch === '' ? '' : branch.startsWith('├') ? '│ ' : '  ');
    inputs.forEach((input, index) => {
      visit(input, below, index === inputs.length - 1 ? '└ ' : '├ ');
    });
  };
  visit(query.plan, '', '');
  const width = Math.max(...lines.map(({ text }) => [...text].length));
  return lines.map(({ text, state }) => (state === '' ? text : `${text}${' '.repeat(width - [...text].length)}   ${state}`)).join('\n');
}

function nodeLine(node: PlanNode): string {
  const { label, details } = nodeLabel(node);
  return details === '' ? label : `${label}  ${details}`;
}

function cut(text: string, lengthMax: number): string {
  const characters = [...text];
  return characters.length <= lengthMax ? text : `${characters.slice(0, lengthMax - 1).join('')}…`;
}

function stateText(bound: StateBound | undefined): string {
  if (bound === undefined || bound.by === 'stateless') return '';
  return `${bound.bounded ? 'bounded' : 'UNBOUNDED'}: ${bound.reason}`;
}

function changeText(node: PlanNode, query: ExplainedQuery): string {
  const change = query.nodeChanges[node.id];
  if (change === undefined || !change.changes) return '';
  const why = change.itself ? `changes: ${change.reason}` : 'changes';
  return node === query.plan || change.itself ? `${why}; ${keyText(node, change)}` : why;
}

function keyText(node: PlanNode, { key }: NodeChange): string {
  if (key === null) return 'key: the whole row';
  return key.length === 0 ? 'key: none, one row' : `key: ${key.map((index) => node.schema[index]?.name ?? '').join(', ')}`;
}

/** A plan as plain JSON: columns by name, expressions as SQL, lengths of time in microseconds as text. */
export function planJson(query: ExplainedQuery): object {
  const visit = (node: PlanNode): object => {
    const bound = query.bounds.find((each) => each.node === node.id);
    const change = query.nodeChanges[node.id];
    const { label, details } = nodeLabel(node);
    return {
      id: node.id,
      kind: node.kind,
      label,
      details,
      ...nodeParts(node),
      columns: node.schema.map((column) => ({ name: column.name, type: typeName(column.type), nullable: column.nullable })),
      ...(bound === undefined ? {} : { state: { bounded: bound.bounded, by: bound.by, reason: bound.reason } }),
      ...(change === undefined
        ? {}
        : { changes: change.changes, ...(change.reason === null ? {} : { why: change.reason }), key: keyNames(node, change) }),
      inputs: inputsOf(node).map(visit),
    };
  };
  return visit(query.plan);
}

function keyNames(node: PlanNode, { key }: NodeChange): readonly string[] | null {
  return key?.map((index) => node.schema[index]?.name ?? '') ?? null;
}

function nodeParts(node: PlanNode): object {
  switch (node.kind) {
    case 'scan':
      return { table: node.table, reads: node.columns };
    case 'filter':
      return { predicate: expressionText(node.predicate, node.input.schema) };
    case 'project':
      return { expressions: node.expressions.map((each) => expressionText(each, node.input.schema)) };
    case 'window': {
      const { window } = node;
      const time = {
        time: expressionText(window.time, node.input.schema),
        ...(window.delayMicros === undefined ? {} : { delayMicros: String(window.delayMicros) }),
      };
      if (window.kind === 'session') {
        return {
          window: {
            kind: 'session',
            ...time,
            keys: window.keys.map((key) => expressionText(key, node.input.schema)),
            gapMicros: String(window.gapMicros),
          },
        };
      }
      return {
        window: {
          kind: window.kind,
          ...time,
          ...(window.kind === 'hop' ? { slideMicros: String(window.slideMicros) } : {}),
          sizeMicros: String(window.sizeMicros),
        },
      };
    }
    case 'aggregate':
      return {
        groups: node.groups.map((each) => expressionText(each, node.input.schema)),
        aggregates: node.aggregates.map((call) => callJson(call, node.input)),
      };
    case 'over':
      return {
        calls: node.calls.map((call) => ({
          ...callJson(call, node.input),
          partitionBy: call.partitionBy.map((each) => expressionText(each, node.input.schema)),
          frame: { unit: call.frame.unit, start: boundJson(call.frame.start), end: boundJson(call.frame.end) },
        })),
      };
    case 'join':
      return {
        join: node.asof ? `asof ${node.type}` : node.type,
        conditions: node.conditions.map((each) => ({
          left: expressionText(each.left, node.left.schema),
          operator: each.operator,
          right: expressionText(each.right, node.right.schema),
        })),
        ...(node.residual === null ? {} : { residual: expressionText(node.residual, [...node.left.schema, ...node.right.schema]) }),
      };
    case 'unnest':
      return { lists: node.lists.map((each) => expressionText(each, node.input.schema)) };
    case 'union':
      return { all: node.all };
    case 'distinct':
      return { on: node.on.map((each) => expressionText(each, node.input.schema)) };
    case 'values':
      return { rows: node.rows.map((row) => row.map((each) => expressionText(each, []))) };
  }
}

type Call = Pick<Extract<PlanNode, { kind: 'over' }>['calls'][number], 'name' | 'args' | 'filter' | 'distinct' | 'orderBy' | 'type'> & {
  readonly parameters?: readonly number[];
};

function callJson(call: Call, input: PlanNode): object {
  const text = (expression: Expression): string => expressionText(expression, input.schema);
  return {
    name: call.name,
    args: call.args.map(text),
    ...(call.filter === null ? {} : { filter: text(call.filter) }),
    ...(call.distinct ? { distinct: true } : {}),
    ...(call.orderBy.length === 0
      ? {}
      : {
          orderBy: call.orderBy.map(
            (order) => `${text(order.expression)}${order.descending ? ' DESC' : ''}${order.nullsFirst ? ' NULLS FIRST' : ''}`,
          ),
        }),
    ...(call.parameters === undefined || call.parameters.length === 0 ? {} : { parameters: call.parameters }),
    type: typeName(call.type),
  };
}

function boundJson(bound: Extract<PlanNode, { kind: 'over' }>['calls'][number]['frame']['start']): string {
  if (!('offset' in bound)) return bound.kind;
  const { offset } = bound;
  return `${offset.kind === 'constant' ? constantText(offset.value, offset.type) : 'expression'} ${bound.kind}`;
}
