import type { Batch } from '../../connectors/batch.ts';
import { typeName } from '../../connectors/type-name.ts';
import type { Catalog } from '../plan/catalog.ts';
import { cellValue } from './batch/cell-value.ts';
import type { LiveRows } from './runtime-status.ts';

/** Rows of one query that are shown of one epoch; the rest is counted. */
export const liveRowsMax = 200;

type Listener = (rows: LiveRows) => void;

/** Rows for those who look at a query while it runs. They are read only while somebody listens. */
export class LiveRowsFeed {
  readonly #catalog: Catalog;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  listen(query: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(query) ?? new Set();
    this.#listeners.set(query, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(query);
    };
  }

  /** Copies what is wanted of an epoch, before its buffers go to the store; call the result once they are stored. */
  prepare(appends: readonly { readonly stream: string; readonly batch: Batch }[]): () => void {
    const ready: (() => void)[] = [];
    for (const [id, listeners] of this.#listeners) {
      const query = this.#catalog.queries.find((each) => each.id === id && each.kind === 'view');
      const batches = query === undefined ? [] : appends.filter((append) => append.stream === query.name).map((append) => append.batch);
      if (query === undefined || batches.length === 0) continue;
      const columns = query.schema.map(({ name, type }) => ({ name, type: typeName(type) }));
      const total = batches.reduce((sum, batch) => sum + batch.rows, 0);
      const shown = query.resultChanges ? newestChanges(batches) : { rows: newest(batches) };
      const live = { query: id, columns, ...shown, dropped: Math.max(0, total - liveRowsMax) };
      ready.push(() => {
        for (const listener of listeners) listener(live);
      });
    }
    return () => {
      for (const tell of ready) tell();
    };
  }
}

/** The last rows, in the order in which they were made. */
function newest(batches: readonly Batch[]): unknown[][] {
  const rows: unknown[][] = [];
  for (const batch of batches.toReversed()) {
    for (let row = batch.rows - 1; row >= 0 && rows.length < liveRowsMax; row--)
      rows.push(batch.columns.map((column) => cellValue(column, row)));
  }
  return rows.reverse();
}

/** What the last changes come to: rows that came and went among them are left out. */
function newestChanges(batches: readonly Batch[]): { rows: unknown[][]; removed: unknown[][] } {
  const changes: { readonly cells: unknown[]; readonly weight: number }[] = [];
  for (const batch of batches.toReversed()) {
    for (let row = batch.rows - 1; row >= 0 && changes.length < liveRowsMax; row--) {
      changes.push({ cells: batch.columns.map((column) => cellValue(column, row)), weight: batch.weights?.[row] ?? 1 });
    }
  }
  const net = new Map<string, { cells: unknown[]; weight: number }>();
  for (const { cells, weight } of changes.reverse()) {
    const text = JSON.stringify(cells);
    const before = net.get(text)?.weight ?? 0;
    net.delete(text);
    if (before + weight !== 0) net.set(text, { cells, weight: before + weight });
  }
  const all = [...net.values()];
  const times = ({ cells, weight }: { cells: unknown[]; weight: number }) =>
    new Array<unknown[]>(Math.min(Math.abs(weight), liveRowsMax)).fill(cells);
  return { rows: all.filter((each) => each.weight > 0).flatMap(times), removed: all.filter((each) => each.weight < 0).flatMap(times) };
}
