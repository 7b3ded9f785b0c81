import type { Batch, FixedColumn } from '../../../connectors/batch.ts';
import { isValid } from '../batch/validity.ts';
import { endOfTime, infinities } from './event-time.ts';
import { scanLate } from './late-scan.ts';

export interface LateSplit {
  /** Largest event time seen, this batch included, in the column's unit; null before the first. */
  readonly top: bigint | null;
  /** Rows in time, and rows that are late; both null when none is late. */
  readonly timely: Uint32Array | null;
  readonly late: Uint32Array | null;
  /** How far each late row stands behind its threshold, in the column's unit. */
  readonly behind: BigInt64Array | null;
}

/** Rows that the end of the input need not let out; null: all. Those without a time, or at the end of time, wait for it. */
export function timedRows({ data, validity }: FixedColumn, rows: number): Uint32Array | null {
  const isTimed = (row: number) => isValid(validity, row) && data[row] !== endOfTime;
  const timed = Uint32Array.from({ length: rows }, (_, row) => row).filter(isTimed);
  return timed.length === rows ? null : timed;
}

/**
 * A row is late when its event time is before (largest event time seen before it) - lateness. Rows without an event time are never
 * late. `column` is the index of the event-time column; times and lateness are in the column's unit.
 */
export function splitLate(batch: Batch, column: number, top: bigint | null, lateness: bigint): LateSplit {
  const times = batch.columns[column] as FixedColumn;
  if (batch.rows === 0) return { top, timely: null, late: null, behind: null };
  if (times.validity === null && times.data instanceof BigInt64Array) {
    const first = top ?? (times.data[0] as bigint);
    if (first !== endOfTime) {
      const scanned = scanLate(times.data.subarray(0, batch.rows), first, lateness);
      if (scanned.late === 0 && scanned.top !== endOfTime) return { top: scanned.top, timely: null, late: null, behind: null };
    }
  }
  return splitRowByRow(times, batch.rows, top, lateness);
}

function splitRowByRow(times: FixedColumn, rows: number, before: bigint | null, lateness: bigint): LateSplit {
  const timely = new Uint32Array(rows);
  const late = new Uint32Array(rows);
  const behind = new BigInt64Array(rows);
  let timelyRows = 0;
  let lateRows = 0;
  let top = before;
  for (let row = 0; row < rows; row++) {
    const time = isValid(times.validity, row) ? BigInt(times.data[row] as number | bigint) : null;
    if (time === null || infinities.includes(time)) timely[timelyRows++] = row;
    else if (top !== null && time < top - lateness) {
      behind[lateRows] = top - lateness - time;
      late[lateRows++] = row;
    } else {
      timely[timelyRows++] = row;
      if (top === null || time > top) top = time;
    }
  }
  if (lateRows === 0) return { top, timely: null, late: null, behind: null };
  return { top, timely: timely.slice(0, timelyRows), late: late.slice(0, lateRows), behind: behind.slice(0, lateRows) };
}
