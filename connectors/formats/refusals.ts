import { batchRowsMax } from '../batch.ts';
import type { RejectedRecord } from './decoder.ts';
import type { RowFault } from './row-fault.ts';

/** Rows that follow one another and stay: [start, end). */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** Which of the records of one call are no rows, and why. Records are counted from 0, at most `batchRowsMax` of them. */
export class Refusals {
  readonly #marks = new Uint8Array(batchRowsMax);
  #list: { index: number; fault: RowFault }[] = [];

  get count(): number {
    return this.#list.length;
  }

  begin(): void {
    for (const { index } of this.#list) this.#marks[index] = 0;
    this.#list = [];
  }

  refuse(index: number, fault: RowFault): void {
    if (this.#marks[index] !== 0) return;
    this.#marks[index] = 1;
    this.#list.push({ index, fault });
  }

  has(index: number): boolean {
    return this.#marks[index] !== 0;
  }

  /** What is left of `rows` records. */
  runs(rows: number): readonly Run[] {
    if (this.#list.length === 0) return rows === 0 ? [] : [{ start: 0, end: rows }];
    const runs: Run[] = [];
    for (let row = 0; row < rows; ) {
      if (this.#marks[row] !== 0) {
        row++;
        continue;
      }
      const start = row;
      while (row < rows && this.#marks[row] === 0) row++;
      runs.push({ start, end: row });
    }
    return runs;
  }

  /** In the order of the records, whose first has the number `from`. */
  rejected(from: number): readonly RejectedRecord[] {
    return this.#list
      .sort((a, b) => a.index - b.index)
      .map(({ index, fault: { reason, field } }) => ({ index: from + index, reason, field }));
  }
}
