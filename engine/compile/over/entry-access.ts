import type { Expression } from '../../plan/expression.ts';
import type { ExpressionScope, Value } from '../expression/contract.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { RowScope } from '../row-scope.ts';
import type { KeptRow } from './kept-row.ts';

/**
 * The rows of the partition at hand, by position (u32), in the window's order. Generated text has `position`, the row whose results
 * are asked for, and `end`, the position after the last row there is.
 */
export interface EntryAccess {
  readonly module: ModuleBuilder;
  readonly node: number;
  readonly row: KeptRow;
  /** Address (usize expression) of the entry at a position (u32 expression). */
  at(position: string): string;
  /** Whether all rows stay; otherwise those that no frame needs any more go. */
  readonly complete: boolean;
  /** Where a position's place is in a list of `places` places (u32 expressions). */
  place(position: string): string;
  readonly places: string;
}

/** Named state of a partition: `base` is the address (usize expression) that offsets count from. */
export interface StateFields {
  readonly base: string;
  add(bytes: number): number;
}

/** The value of an expression over the entry at `slot` (a local). */
export function valueAt(entry: EntryAccess, scope: ExpressionScope, expression: Expression, slot: string): Value {
  const inner = new RowScope(entry.module, entry.node, entry.row.bindings(slot), 'row');
  const value = inner.compile(entry.row.over(expression));
  for (const line of inner.lines) scope.emit(line);
  return value;
}

/** Statements of the body for one entry, whose address is the local that `body` is given. */
export function atEntry(entry: EntryAccess, position: string, body: (scope: RowScope, slot: string) => void): string[] {
  const slot = entry.module.name('entry');
  const scope = new RowScope(entry.module, entry.node, entry.row.bindings(slot), 'row');
  body(scope, slot);
  return scope.lines.some((line) => line.includes(slot)) ? [`const ${slot} = ${entry.at(position)};`, ...scope.lines] : scope.lines;
}
