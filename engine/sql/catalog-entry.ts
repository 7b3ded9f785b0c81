import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { QueryClock, SourceDefinition } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { TimeFact } from '../plan/time-fact.ts';

/** A name that a SELECT can read, as far as it is known while the catalog is being built. */
export type CatalogEntry =
  | { readonly kind: 'source'; readonly columns: readonly ColumnSpec[]; readonly source: SourceDefinition }
  | {
      readonly kind: 'stored';
      readonly columns: readonly ColumnSpec[];
      readonly clock: QueryClock;
      /** Its rows come out with the rows that made them, so that times of arrival go on with them. */
      readonly immediate: boolean;
      /** Columns that follow a time, relative to the watermark of the view's rows; `otherClock`: not the view's clock. */
      readonly facts: ReadonlyMap<string, TimeFact>;
      /** Its rows may be taken back. */
      readonly changes: boolean;
      /** Columns that no two of its rows have in common, or null. */
      readonly key: readonly string[] | null;
    }
  | { readonly kind: 'inlined'; readonly columns: readonly ColumnSpec[]; readonly plan: PlanNode };
