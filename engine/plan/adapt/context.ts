import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Span } from '../../diagnostic.ts';
import type { PlanNode } from '../plan.ts';

/** What the adapter needs beside DuckDB's plan. */
export interface AdaptContext {
  /** Columns of a source or stored view, in declared order, with NOT NULL. */
  readonly table: (name: string) => readonly ColumnSpec[];
  /** The plan of a view that is inlined where it is read; null for everything else. */
  readonly inlined: (name: string) => PlanNode | null;
  /** Places in the query file. */
  readonly places: Places;
  /** CTEs in scope, by DuckDB's index. */
  readonly ctes: Map<number, PlanNode>;
  /** Rows of the left side that a correlated right side sees, innermost last. */
  readonly outer: { readonly node: PlanNode; readonly columns: readonly number[] }[];
}

/** Finds where in the query file something of the plan was written; undefined where that cannot be told. */
export interface Places {
  /** The token or call at DuckDB's `query_location`; `word` is what must stand there, when given. */
  at(location: number | bigint | undefined, word?: string): Span | undefined;
  /** A column that is named only once. */
  column(name: string | undefined): Span | undefined;
  /** The call of an aggregate or window function; each is given out once, in the order of the text. */
  call(name: string): Span | undefined;
  /** A table's name after FROM or JOIN; each is given out once. */
  table(name: string): Span | undefined;
  /** A keyword outside of the bodies of functions; each is given out once, in the order of the text. */
  keyword(word: string): Span | undefined;
  /** The tumble, hop or session call around a place. */
  window(kind: string, inside: Span | undefined): Span | undefined;
}
