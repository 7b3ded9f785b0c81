import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { QueryError } from '../diagnostic.ts';
import { columnOf, projectNode } from '../plan/build-node.ts';
import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { sameType, typeName } from '../plan/type-name.ts';
import { nearestHint } from './options.ts';
import type { Shell } from './read-shell.ts';

const numbers: ReadonlySet<DataType['kind']> = new Set([
  ...(['tinyint', 'smallint', 'integer', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint'] as const),
  ...(['float', 'double', 'decimal'] as const),
]);
const moments: ReadonlySet<DataType['kind']> = new Set(['date', 'timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns', 'timestamptz']);

/** Casts that a writer surely means: within numbers and moments, and to text. */
function becomes(from: DataType, to: DataType): boolean {
  if (sameType(from, to) || from.kind === 'null' || to.kind === 'varchar') return true;
  if (numbers.has(from.kind)) return numbers.has(to.kind);
  if (moments.has(from.kind)) return moments.has(to.kind) && to.kind !== 'date';
  return from.kind === 'varchar' && to.kind === 'json';
}

/** Throws QueryError when a column of the SELECT cannot be a column of the sink without a word. */
function checkValue(shell: Extract<Shell, { kind: 'insert' }>, given: ColumnSpec, column: ColumnSpec): void {
  const place = { span: shell.nameSpan };
  if (!becomes(given.type, column.type)) {
    throw new QueryError(
      'E0605',
      `column "${column.name}" of "${shell.name}" is ${typeName(column.type)} and is given ${typeName(given.type)}`,
      {
        ...place,
        note: `by "${given.name}" of the SELECT`,
        hint: `if that is meant, write CAST(${given.name} AS ${typeName(column.type)})`,
      },
    );
  }
  if (!column.nullable && given.nullable) {
    throw new QueryError('E0604', `column "${column.name}" of "${shell.name}" is NOT NULL, and "${given.name}" may be NULL`, {
      ...place,
      hint: `write coalesce(${given.name}, ...) AS ${given.name}, or declare ${column.name} without NOT NULL`,
    });
  }
}

/** The SELECT's columns put in the sink's order and types; columns that are not given are NULL. Throws QueryError. */
export function insertPlan(shell: Extract<Shell, { kind: 'insert' }>, plan: PlanNode, sink: readonly ColumnSpec[]): PlanNode {
  const targets =
    shell.columns.length === 0
      ? sink
      : shell.columns.map(({ name, span }) => {
          const column = sink.find((each) => each.name.toLowerCase() === name.toLowerCase());
          if (column !== undefined) return column;
          const names = sink.map((each) => each.name);
          throw new QueryError('E0213', `"${shell.name}" has no column "${name}"`, {
            span,
            hint: nearestHint(name, names) ?? `columns: ${names.join(', ')}`,
          });
        });
  if (targets.length !== plan.schema.length) {
    throw new QueryError('E0213', `"${shell.name}" takes ${targets.length} columns and the SELECT gives ${plan.schema.length}`, {
      span: shell.nameSpan,
      note: `takes ${targets.map((column) => `${column.name} ${typeName(column.type)}`).join(', ')}`,
    });
  }
  const expressions = sink.map((column): Expression => {
    const index = targets.indexOf(column);
    if (index < 0) {
      if (!column.nullable)
        throw new QueryError('E0213', `column "${column.name}" of "${shell.name}" is NOT NULL and is not given`, { span: shell.nameSpan });
      return { kind: 'constant', value: null, type: column.type, nullable: true };
    }
    const value = columnOf(plan.schema, index);
    checkValue(shell, plan.schema[index]!, column);
    return sameType(value.type, column.type)
      ? value
      : { kind: 'cast', child: value, try: false, type: column.type, nullable: value.nullable };
  });
  return projectNode(
    plan,
    expressions,
    sink.map((column) => column.name),
  );
}
