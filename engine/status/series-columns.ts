import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Expression } from '../plan/expression.ts';
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
}

/** What can be drawn of a query's result. Groups that are no times are keys; rows that are no groups have none: each stands for itself. */
export function seriesColumns(query: Pick<QueryDefinition, 'schema' | 'eventTime' | 'plan'>): SeriesColumns {
  const { schema } = query;
  const time = query.eventTime ?? schema.find((column) => timeKinds.has(column.type.kind))?.name ?? null;
  const groups = groupColumns(query.plan);
  const isKey = (column: ColumnSpec, index: number): boolean =>
    groups?.has(index) === true && (nameKinds.has(column.type.kind) || numberKinds.has(column.type.kind));
  const keys = schema.filter((column, index) => column.name !== time && isKey(column, index)).map((column) => column.name);
  const values = schema.filter((column) => numberKinds.has(column.type.kind) && !keys.includes(column.name)).map((column) => column.name);
  return { time, keys, values };
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
