import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import { machineOf } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import type { AggregateContext, CompiledAggregate, Finish, Template } from './accumulator.ts';
import { basicTemplates } from './basic.ts';
import { distinctRows } from './distinct-rows.ts';
import { countDistinct, listTemplates, orderedRows } from './list.ts';
import { foldTemplates } from './fold.ts';
import { frameTemplates } from './nth.ts';
import { learningTemplates } from './learning.ts';
import { quantileTemplates } from './quantile.ts';
import { Replay } from './replay.ts';
import { forRows, listRows, type RowSet, type SortKey } from './row-set.ts';
import { sketchTemplates } from './sketch.ts';
import { statisticTemplates } from './statistics.ts';

let templates: Readonly<Record<string, Template>> | null = null;

/** Gathered at the first call: list functions aggregate too, so that these modules import each other. */
function templateOf(name: string): Template | undefined {
  templates ??= {
    ...basicTemplates,
    ...listTemplates,
    ...quantileTemplates,
    ...statisticTemplates,
    ...foldTemplates,
    ...sketchTemplates,
    ...frameTemplates,
    ...learningTemplates,
  };
  return templates[name];
}

/** DISTINCT changes nothing. */
const distinctFree = new Set([
  'min',
  'max',
  'any_value',
  'arbitrary',
  'first',
  'bool_and',
  'bool_or',
  'bit_and',
  'bit_or',
  'approx_count_distinct',
]);
/** These go by an ORDER BY inside; it means nothing to the others. */
const byOrder = new Set([
  'first',
  'last',
  'any_value',
  'arbitrary',
  'arg_min',
  'arg_max',
  'min_by',
  'max_by',
  'argmin',
  'argmax',
  'arg_min_null',
  'arg_max_null',
]);
/** They take DISTINCT and ORDER BY themselves. */
const ownRows = new Set([
  'list',
  'array_agg',
  'string_agg',
  'group_concat',
  'listagg',
  'histogram',
  'mode',
  'entropy',
  'quantile_cont',
  'quantile_disc',
  'quantile',
  'median',
  'mad',
  'approx_quantile',
]);

/** One aggregate call: the pieces of state it needs, and its result. Throws QueryError for what does not run. */
export function compileAggregate(context: AggregateContext, call: AggregateCall): CompiledAggregate {
  const finish = finishOf(context, call);
  return { call, finish: (scope) => ({ type: call.type, machine: machineOf(call.type), ...finish(scope) }) };
}

export function knowsAggregate(name: string): boolean {
  return templateOf(name) !== undefined;
}

function finishOf(context: AggregateContext, call: AggregateCall): Finish {
  const template = templateOf(call.name);
  if (template === undefined) throw notSupported(`the aggregate ${call.name}`, call.span);
  const ordered = call.orderBy.length > 0 && byOrder.has(call.name);
  const distinct = call.distinct && !distinctFree.has(call.name);
  if (ownRows.has(call.name) || !(ordered || distinct)) return template(context, call);
  if (distinct && call.name === 'count' && call.args.length === 1) return countDistinct(context, call);
  if (ordered) {
    const { rows, keys } = orderedRows(context, { ...call, distinct }, rowArguments(call), 0);
    return overRows(context, call, rows, keys);
  }
  return overRows(context, call, distinctRows(context, call.filter, rowArguments(call), 1, false), []);
}

function rowArguments(call: AggregateCall): readonly Expression[] {
  return call.args.filter((argument) => argument.kind !== 'constant');
}

/** The aggregate computed over kept rows when the group's result is asked for. */
function overRows(context: AggregateContext, call: AggregateCall, rows: RowSet, keys: readonly SortKey[]): Finish {
  let next = 0;
  const args = call.args.map((argument): Expression => {
    if (argument.kind === 'constant') return argument;
    return { kind: 'column', index: next++, type: argument.type, nullable: argument.nullable };
  });
  const inner: AggregateCall = { ...call, args, filter: null, distinct: false, orderBy: [] };
  const replay = new Replay(context.module, inner, rows.columns, compileAggregate);
  return (scope) =>
    replay.run(scope, (outer, step) => {
      const listing = listRows(context.module, outer, rows, keys);
      forRows(outer, listing, (row, entry, k) => {
        step(
          row,
          rows.columns.map((_, column) => rows.read(row, column, entry)),
          `<i64>${k}`,
        );
      });
    });
}
