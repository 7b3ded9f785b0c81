import type { Batch } from '../../batch.ts';
import type { EpochRecords } from './epoch-records.ts';
import { type RecordForm, rowRecords } from './row-records.ts';

/** Rows of a batch as records of an epoch. `upserts`: of each key only the last is written. Throws RangeError when a message is too large. */
export function appendRows(records: EpochRecords, batch: Batch, form: RecordForm, upserts: boolean, now: number): void {
  const rows = rowRecords(batch, form, now);
  for (let row = 0; row < batch.rows; row++) {
    const weight = batch.weights?.[row] ?? 1;
    if (weight === 0) continue;
    if (upserts) {
      records.replace(weight > 0 ? rows.record(row, 'insert') : rows.tombstone(row));
      continue;
    }
    const record = rows.record(row, weight > 0 ? 'insert' : 'delete');
    for (let times = Math.abs(weight); times > 0; times--) records.append(record);
  }
}
