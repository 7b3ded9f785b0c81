import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { SourceDefinition } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { TimeFact } from '../plan/time-fact.ts';

/** A name that a SELECT can read, as far as it is known while the catalog is being built. */
export type CatalogEntry =
  | { readonly kind: 'source'; readonly columns: readonly ColumnSpec[]; readonly source: SourceDefinition }
  | {
      readonly kind: 'stored';
      readonly columns: readonly ColumnSpec[];
      /** Columns that follow event time, relative to the watermark of the view's rows. */
      readonly facts: ReadonlyMap<string, TimeFact>;
    }
  | { readonly kind: 'inlined'; readonly columns: readonly ColumnSpec[]; readonly plan: PlanNode };
