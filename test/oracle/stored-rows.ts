import type { Batch } from '../../connectors/batch.ts';
import type { StreamDefinition } from '../../engine/store/store.ts';
import type { Row } from './compare-rows.ts';
import { appendRows } from './reference-values.ts';

export interface Change {
  readonly row: Row;
  readonly weight: number;
}

export function changesOf(batch: Batch): Change[] {
  const rows: Row[] = [];
  appendRows(batch, rows);
  return rows.map((row, index) => ({ row, weight: batch.weights?.[index] ?? 1 }));
}

/**
 * Rows of a stream as the store keeps them. An epoch's changes are netted first; then a row replaces what has its key, or, where a
 * stream has no key, equal rows are counted.
 */
export class StoredRows {
  readonly #changes: boolean;
  /** Positions of the key's columns; null: the whole row. */
  readonly #key: readonly number[] | null;
  readonly #rows = new Map<string, Row[]>();
  readonly #appended: Row[] = [];

  constructor({ changes = false, key = null, columns }: StreamDefinition) {
    this.#changes = changes;
    this.#key = key === null ? null : key.map((name) => columns.findIndex((column) => column.name === name));
  }

  /** What one epoch brings. */
  apply(changes: readonly Change[]): void {
    if (!this.#changes) {
      if (changes.some(({ weight }) => weight !== 1)) throw new Error('a row is taken back from a stream that does not change');
      for (const { row } of changes) this.#appended.push(row);
      return;
    }
    const net = new Map<string, Change>();
    for (const change of changes) addTo(net, change);
    const changed = [...net.values()].filter(({ weight }) => weight !== 0);
    if (this.#key === null) for (const each of changed) this.#count(each);
    else this.#replace(changed, this.#key);
  }

  list(): Row[] {
    return this.#changes ? [...this.#rows.values()].flat() : this.#appended;
  }

  #replace(changed: readonly Change[], key: readonly number[]): void {
    const keyOf = (row: Row) => textOf(key.map((index) => row[index]));
    for (const { row } of changed) this.#rows.delete(keyOf(row));
    for (const { row, weight } of changed) if (weight > 0) this.#rows.set(keyOf(row), [row]);
  }

  #count({ row, weight }: Change): void {
    const text = textOf(row);
    const before = this.#rows.get(text)?.length ?? 0;
    const count = Math.max(0, before + weight);
    if (count === 0) this.#rows.delete(text);
    else
      this.#rows.set(
        text,
        Array.from({ length: count }, () => row),
      );
  }
}

/** The row that came last stands last, as it has to when keys clash. */
function addTo(net: Map<string, Change>, { row, weight }: Change): void {
  const text = textOf(row);
  const known = net.get(text);
  net.delete(text);
  net.set(text, { row, weight: (known?.weight ?? 0) + weight });
}

function textOf(row: readonly unknown[]): string {
  return JSON.stringify(row.map((cell) => (typeof cell === 'number' ? String(cell) : cell)));
}
