import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Expression } from '../plan/expression.ts';
import { learningCall } from '../plan/learning/learning-functions.ts';
import type { PlanNode } from '../plan/plan.ts';

const timeKinds = new Set(['timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns', 'timestamptz', 'date']);
const numberKinds = new Set([
  ...['tinyint', 'smallint', 'integer', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint'],
  ...['float', 'double', 'decimal'],
]);
const nameKinds = new Set(['varchar', 'enum', 'uuid', 'boolean']);

export interface SeriesColumns {
  /** Orders the rows. */
  readonly time: string | null;
  /** Tell one series from another. */
  readonly keys: readonly string[];
  /** Can be drawn. */
  readonly values: readonly string[];
  /** Columns that say between what a value was expected, and whether it is one to be told of. */
  readonly band: { readonly lower: string; readonly upper: string; readonly alarm: string | null } | null;
}

/** What can be drawn of a query's result. Groups that are no times are keys, and what a series is learnt by; other rows have none: each stands for itself. */
export function seriesColumns(query: Pick<QueryDefinition, 'schema' | 'eventTime' | 'plan'>): SeriesColumns {
  const { schema } = query;
  const time = query.eventTime ?? schema.find((column) => timeKinds.has(column.type.kind))?.name ?? null;
  const groups = groupColumns(query.plan);
  const isKey = (column: ColumnSpec, index: number): boolean =>
    groups?.has(index) === true && (nameKinds.has(column.type.kind) || numberKinds.has(column.type.kind));
  const keys = schema.filter((column, index) => column.name !== time && isKey(column, index)).map((column) => column.name);
  const values = schema.filter((column) => numberKinds.has(column.type.kind) && !keys.includes(column.name)).map((column) => column.name);
  return { time, keys, values, band: bandColumns(schema) };
}

/** By their names, as anomaly() and forecast() have them. */
function bandColumns(schema: readonly ColumnSpec[]): SeriesColumns['band'] {
  const has = (name: string, kind: string) => schema.some((column) => column.name === name && column.type.kind === kind);
  if (!has('lower', 'double') || !has('upper', 'double')) return null;
  return { lower: 'lower', upper: 'upper', alarm: has('is_alarm', 'boolean') ? 'is_alarm' : null };
}

/** Columns of the result that are groups of the aggregate below, or null when there is none that they can be traced to. */
function groupColumns(plan: PlanNode): Set<number> | null {
  let node = plan;
  let traced = plan.schema.map((_, index) => index as number | null);
  for (;;) {
    if (node.kind === 'aggregate') {
      const { groups } = node;
      return new Set(traced.flatMap((from, index) => (from !== null && from < groups.length ? [index] : [])));
    }
    if (node.kind === 'over') {
      const learnt = node.calls.find((call) => learningCall(call.name) !== undefined);
      const series = new Set(learnt?.partitionBy.map(columnIndex));
      return learnt === undefined ? null : new Set(traced.flatMap((from, index) => (from !== null && series.has(from) ? [index] : [])));
    }
    if (node.kind === 'project') {
      const { expressions } = node;
      traced = traced.map((from) => (from === null ? null : columnIndex(expressions[from])));
    } else if (node.kind !== 'filter' && node.kind !== 'distinct') return null;
    node = node.input;
  }
}

function columnIndex(expression: Expression | undefined): number | null {
  if (expression?.kind === 'cast') return columnIndex(expression.child);
  return expression?.kind === 'column' ? expression.index : null;
}
