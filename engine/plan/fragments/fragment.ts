import type { QueryDefinition } from '../catalog.ts';

/**
 * A part of a query that runs in every lane of a group without rows of other lanes. Fragments of a query come in the order in which
 * rows flow; the last one puts out the query's result.
 */
export interface Fragment {
  /** Its name is that of the stream it puts out: the query's for the last one, `<query>#<n>` for others (of an INSERT its id's). */
  readonly definition: QueryDefinition;
  /** How its rows go to the lanes of whoever reads them; null: they are the query's result. */
  readonly exchange: Exchange | null;
  /** It runs in one lane of the group only: every lane would make the same rows. */
  readonly single: boolean;
  /** By node of the fragment's plan: the node of the query's plan that it stands for, and what of it is counted. */
  readonly operators: readonly OperatorShare[];
  /** Streams between lanes without rows, whose watermarks hold it back: it would otherwise go on with those of its own lane. */
  readonly paces: readonly string[];
  /** Its rows keep the bounds of their windows, so that whoever reads them needs no rows from before. */
  readonly partial: boolean;
}

export interface Exchange {
  /** The first columns of the fragment's rows are sent; those after them are only hashed. */
  readonly sent: number;
  /** Columns that are hashed: equal values go to the same lane. None: everything goes to the query's home lane. */
  readonly keys: readonly number[];
}

export interface OperatorShare {
  /** Null: it was added by the cut. */
  readonly node: number | null;
  readonly rowsIn: boolean;
  readonly rowsOut: boolean;
}

/** What is known of where the rows of a node are. Columns are the node's own. */
export type Distribution =
  /** Anywhere. */
  | { readonly kind: 'any' }
  /** Every lane has all of them. */
  | { readonly kind: 'all' }
  /** In one lane, the home of `query`. */
  | { readonly kind: 'one'; readonly query: string }
  /** Rows that are equal in these columns are in the same lane: by their partition, or by their hash when they have been exchanged. */
  | { readonly kind: 'keys'; readonly columns: readonly number[]; readonly hashed?: true };
