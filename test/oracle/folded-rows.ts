import type { Batch } from '../../connectors/batch.ts';
import type { Row } from './compare-rows.ts';
import { appendRows } from './reference-values.ts';

/** What a result amounts to: rows that were added, less those taken back. */
export class FoldedRows {
  /** What was taken back without being there. */
  wrong: string | null = null;
  #rows: Row[] = [];
  #counts: Map<string, { row: Row; count: number }> | null = null;

  add(batch: Batch): void {
    if (batch.weights === undefined) {
      if (this.#counts === null) appendRows(batch, this.#rows);
      else this.#addRows(batch, (_row) => 1);
      return;
    }
    const { weights } = batch;
    this.#addRows(batch, (row) => weights[row] as number);
  }

  list(): Row[] {
    return this.#counts === null
      ? this.#rows
      : [...this.#counts.values()].flatMap(({ row, count }) => Array.from({ length: count }, () => row));
  }

  #addRows(batch: Batch, weightOf: (row: number) => number): void {
    const counts = this.#counts ?? new Map<string, { row: Row; count: number }>();
    if (this.#counts === null) {
      this.#counts = counts;
      for (const row of this.#rows) change(counts, row, 1);
      this.#rows = [];
    }
    const rows: Row[] = [];
    appendRows(batch, rows);
    rows.forEach((row, index) => {
      const weight = weightOf(index);
      if (weight === 0) this.wrong ??= `a row of weight 0: ${JSON.stringify(row)}`;
      if (change(counts, row, weight) < 0) this.wrong ??= `takes back a row that it never gave: ${JSON.stringify(row)}`;
    });
  }
}

function change(counts: Map<string, { row: Row; count: number }>, row: Row, weight: number): number {
  const key = JSON.stringify(row.map((cell) => (typeof cell === 'number' ? String(cell) : cell)));
  const known = counts.get(key) ?? { row, count: 0 };
  known.count += weight;
  if (known.count === 0) counts.delete(key);
  else counts.set(key, known);
  return known.count;
}
