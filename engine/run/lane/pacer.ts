import type { Batch, FixedColumn } from '../../../connectors/batch.ts';
import { isValid } from '../batch/validity.ts';
import { type EventTimeUnit, fromMicros, infinities, toMicros } from '../time/event-time.ts';

/** Releases rows when their event time is due: `speed` seconds of event time for one of the wall clock, from a common anchor. */
export class Pacer {
  readonly #column: number;
  readonly #unit: EventTimeUnit;
  readonly #speed: number;
  #anchor: { readonly eventMs: number; readonly wallMs: number } | null = null;

  constructor(column: number, unit: EventTimeUnit, speed: number) {
    this.#column = column;
    this.#unit = unit;
    this.#speed = speed;
  }

  get anchored(): boolean {
    return this.#anchor !== null;
  }

  anchor(eventMs: number, wallMs: number): void {
    this.#anchor = { eventMs, wallMs };
  }

  /** Event time (ms) of the first row that has one. */
  firstEventMs(batch: Batch, offset: number): number | null {
    for (let row = offset; row < batch.rows; row++) {
      const time = this.#time(batch, row);
      if (time !== null) return this.#ms(time);
    }
    return null;
  }

  /** Index after the last of the rows from `offset` on that are due; a row that is not due holds back the rows after it. */
  dueEnd(batch: Batch, offset: number, now: number): number {
    if (this.#anchor === null) return offset;
    const dueMs = this.#anchor.eventMs + (now - this.#anchor.wallMs) * this.#speed;
    const due = fromMicros(BigInt(Math.floor(dueMs * 1000)), this.#unit);
    let row = offset;
    while (row < batch.rows) {
      const time = this.#time(batch, row);
      if (time !== null && time > due) break;
      row++;
    }
    return row;
  }

  /** When a row is due by the wall clock (ms); null while there is no anchor. */
  dueAt(batch: Batch, row: number): number | null {
    if (this.#anchor === null) return null;
    const time = this.#time(batch, row);
    if (time === null) return this.#anchor.wallMs;
    return this.#anchor.wallMs + (this.#ms(time) - this.#anchor.eventMs) / this.#speed;
  }

  #time(batch: Batch, row: number): bigint | null {
    const column = batch.columns[this.#column] as FixedColumn;
    if (!isValid(column.validity, row)) return null;
    const time = BigInt(column.data[row] as number | bigint);
    return infinities.includes(time) ? null : time;
  }

  #ms(time: bigint): number {
    return Number(toMicros(time, this.#unit)) / 1000;
  }
}
