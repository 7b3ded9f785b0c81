import type { DataType } from '../../../connectors/data-type.ts';
import type { Value } from '../expression/contract.ts';
import { optional } from '../expression/packed/source.ts';
import type { Variable } from '../expression/value.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import type { RowColumn } from '../row-layout.ts';
import { RowScope } from '../row-scope.ts';
import type { Accumulator } from './accumulator.ts';
import { lessThanOf } from './order.ts';

/** Rows of an aggregate's arguments that a group keeps, in entries of one size (kernels/assembly/kept-entries.ts). */
export interface RowSet {
  readonly accumulator: Accumulator;
  readonly columns: readonly RowColumn[];
  readonly entryBytes: number;
  /** Column that holds the order of arrival; null: entries lie in it. */
  readonly arrival: number | null;
  /** Argument `k` of the row at `entry` (usize expression). */
  read(scope: RowScope, k: number, entry: string): Value;
}

export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** u32 expression: the block of entries, of slot `p`. */
export function blockOf(rows: RowSet): string {
  return `load<u32>(p, ${rows.accumulator.offsets[0]})`;
}

/** u32 expression: rows kept in slot `p`. */
export function countOf(module: ModuleBuilder, rows: RowSet): string {
  return `${module.import('kept-entries', 'entryCount')}(${blockOf(rows)})`;
}

/** Emits the listing of slot `p`'s rows by `keys`, ties in order of arrival. */
export function listRows(module: ModuleBuilder, scope: RowScope, rows: RowSet, keys: readonly SortKey[]): { order: string; count: string } {
  const count = scope.name('count');
  const order = scope.name('order');
  const arrival = rows.arrival === null ? [] : [{ column: rows.arrival, descending: false, nullsFirst: false }];
  const all = [...keys, ...arrival];
  scope.emit(`const ${count}: u32 = ${countOf(module, rows)};`);
  const first = `${module.import('kept-entries', 'firstEntry')}(${blockOf(rows)})`;
  const listing = `${module.import('sort', 'listEntries')}(${first}, ${count}, ${rows.entryBytes})`;
  if (all.length === 0) scope.emit(`const ${order}: usize = ${listing};`);
  else {
    scope.emit(`${listing};`);
    scope.emit(`const ${order}: usize = ${module.import('sort', 'sortEntries')}(${count}, ${comparison(module, scope, rows, all)}.index);`);
  }
  return { order, count };
}

/** `for` over listed rows; `entry` is a usize local. */
export function forRows(
  scope: RowScope,
  listing: { order: string; count: string },
  body: (inner: RowScope, entry: string, k: string) => void,
): void {
  const k = scope.name('i');
  const entry = scope.name('entry');
  scope.inner(`for (let ${k}: u32 = 0; ${k} < ${listing.count}; ${k}++)`, (inner) => {
    inner.emit(`const ${entry} = <usize>load<u32>(${listing.order} + (<usize>${k} << 2));`);
    body(inner, entry, k);
  });
}

/** Declares a function of two rows' addresses that says which comes first. */
function comparison(module: ModuleBuilder, scope: RowScope, rows: RowSet, keys: readonly SortKey[]): string {
  const name = module.name('compare');
  const inner = freshScope(scope);
  for (const { column, descending, nullsFirst } of keys) {
    const a = rows.read(inner, column, 'a');
    const b = rows.read(inner, column, 'b');
    if (a.valid !== 'true') {
      inner.emit(`if (${a.valid} != ${b.valid}) return ${a.valid} == ${nullsFirst} ? 1 : -1;`);
    }
    const present = a.valid === 'true' ? '' : `${a.valid} && `;
    inner.emit(`if (${present}${lessThanOf(module, a.type, a.parts, b.parts)}) return ${descending ? 1 : -1};`);
    inner.emit(`if (${present}${lessThanOf(module, a.type, b.parts, a.parts)}) return ${descending ? -1 : 1};`);
  }
  const lines = [...inner.lines, 'return 0;'].map((line) => `  ${line}`);
  module.declare([`function ${name}(a: usize, b: usize): i32 {`, ...lines, '}'].join('\n'));
  return name;
}

/** What `body` sets of rows that are there; NULL where slot `p` keeps none. */
export function ofRows(scope: RowScope, rows: RowSet, type: DataType, body: (inner: RowScope, variable: Variable) => void): Value {
  return optional(scope, type, `(${blockOf(rows)} != 0)`, (inner, variable) => body(inner as RowScope, variable));
}

/** Statements of their own, over no columns. */
export function freshScope(scope: RowScope): RowScope {
  return new RowScope(scope.module, scope.node, [], 'row');
}
