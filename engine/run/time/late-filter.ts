import type { Batch, FixedColumn } from '../../../connectors/batch.ts';
import { isValid } from '../batch/validity.ts';
import { endOfTime } from './event-time.ts';
import { scanLate } from './late-scan.ts';

export interface LateSplit {
  /** Largest event time seen, this batch included, in the column's unit; null before the first. */
  readonly top: bigint | null;
  /** Rows in time, and rows that are late; both null when none is late. */
  readonly timely: Uint32Array | null;
  readonly late: Uint32Array | null;
  /** The threshold of each late row, and how far the row stands behind it, in the column's unit. */
  readonly thresholds: BigInt64Array | null;
  readonly behind: BigInt64Array | null;
}

/** Rows that the end of the input need not let out; null: all. Those without a time, or at the end of time, wait for it. */
export function timedRows({ data, validity }: FixedColumn, rows: number): Uint32Array | null {
  const isTimed = (row: number) => isValid(validity, row) && data[row] !== endOfTime;
  const timed = Uint32Array.from({ length: rows }, (_, row) => row).filter(isTimed);
  return timed.length === rows ? null : timed;
}

/**
 * A row is late when its event time is before (largest event time seen before it) - lateness; one of -infinity, behind every watermark,
 * always is. Rows without an event time, or at infinity, are never late. `column` is the index of the event-time column; times and lateness are in the column's unit.
 */
export function splitLate(batch: Batch, column: number, top: bigint | null, lateness: bigint): LateSplit {
  const times = batch.columns[column] as FixedColumn;
  if (batch.rows === 0) return { top, timely: null, late: null, thresholds: null, behind: null };
  if (times.validity === null && times.data instanceof BigInt64Array) {
    const first = top ?? (times.data[0] as bigint);
    if (first !== endOfTime && first !== -endOfTime) {
      const scanned = scanLate(times.data.subarray(0, batch.rows), first, lateness);
      if (scanned.late === 0 && scanned.top !== endOfTime)
        return { top: scanned.top, timely: null, late: null, thresholds: null, behind: null };
    }
  }
  return splitRowByRow(times, batch.rows, top, lateness);
}

/** DuckDB's DATE 'infinity'. */
const infiniteDay = 2n ** 31n - 1n;

function splitRowByRow(times: FixedColumn, rows: number, before: bigint | null, lateness: bigint): LateSplit {
  const timely = new Uint32Array(rows);
  const late = new Uint32Array(rows);
  const thresholds = new BigInt64Array(rows);
  const behind = new BigInt64Array(rows);
  let timelyRows = 0;
  let lateRows = 0;
  let top = before;
  const infinity = times.data instanceof Int32Array ? infiniteDay : endOfTime;
  for (let row = 0; row < rows; row++) {
    const time = isValid(times.validity, row) ? BigInt(times.data[row] as number | bigint) : null;
    const threshold: bigint | null = top === null ? null : top - lateness;
    if (time === -infinity || (time !== null && threshold !== null && time < threshold)) {
      thresholds[lateRows] = threshold ?? time;
      behind[lateRows] = time === -infinity ? endOfTime : (threshold as bigint) - time;
      late[lateRows++] = row;
      continue;
    }
    timely[timelyRows++] = row;
    if (time !== null && time !== infinity && (top === null || time > top)) top = time;
  }
  if (lateRows === 0) return { top, timely: null, late: null, thresholds: null, behind: null };
  return {
    top,
    timely: timely.slice(0, timelyRows),
    late: late.slice(0, lateRows),
    thresholds: thresholds.slice(0, lateRows),
    behind: behind.slice(0, lateRows),
  };
}
