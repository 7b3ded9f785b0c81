import type { Position } from '../../../connectors/connector.ts';
import type { EventTimeUnit } from '../time/event-time.ts';
import { fromMicros, toMicros } from '../time/event-time.ts';
import type { ArrivalMark } from '../../store/store.ts';
import type { PartitionResume, ReplayStretch } from './protocol.ts';
import type { ResumePoint } from './resume-point.ts';

/** One partition of a source: how far it has been read, its largest event time, whether it is idle or has ended. */
export class PartitionProgress {
  readonly name: string;
  readonly #unit: EventTimeUnit | null;
  readonly #lateness: bigint;
  /** Largest event time seen, in the column's unit; a floor raises it (see `raiseTo`). */
  top: bigint | null = null;
  /** The same, but never raised: for people. */
  seen: bigint | null = null;
  ended = false;
  idle = false;
  /** Its next row must be held against the watermarks that went on without it. */
  returning = true;
  lastRowAt: number;
  /** The first row not yet taken stands `skip` rows after `position`. */
  position: Position | null = null;
  skip = 0;
  row = 0;
  /** When its newest row came in (ms); 0 where nobody asks. */
  arrival = 0;
  touched = false;
  #stretch: ResumePoint | null = null;
  #arrivals: ArrivalMark[] = [];
  #stretches: ReplayStretch[] = [];

  constructor(name: string, unit: EventTimeUnit | null, lateness: bigint, now: number) {
    this.name = name;
    this.#unit = unit;
    this.#lateness = lateness;
    this.lastRowAt = now;
  }

  restore(resume: PartitionResume): void {
    this.position = resume.point.position;
    this.skip = resume.point.skip;
    this.row = resume.point.row;
    this.top = resume.point.top;
    this.arrival = resume.point.arrival;
    this.seen = this.top;
  }

  /** Microseconds; null before the first event time. */
  get watermark(): bigint | null {
    return this.top === null || this.#unit === null ? null : toMicros(this.top - this.#lateness, this.#unit);
  }

  get topMicros(): bigint | null {
    return this.top === null || this.#unit === null ? null : toMicros(this.top, this.#unit);
  }

  point(): ResumePoint {
    return { position: this.position as Position, skip: this.skip, row: this.row, top: this.top, arrival: this.arrival };
  }

  /** Rows before `floor` (microseconds) shall be late from now on. Ends the stretch: within one, only its own rows raise `top`. */
  raiseTo(floor: bigint): void {
    if (this.#unit === null) return;
    const top = fromMicros(floor, this.#unit) + this.#lateness;
    if (this.top !== null && this.top >= top) return;
    this.endStretch();
    this.top = top;
  }

  /** Largest event time so far, the newest rows included. */
  see(top: bigint | null): void {
    if (top === this.top) return;
    this.top = top;
    this.seen = top;
  }

  /** No row so far has an event time after this. */
  seeUpTo(newest: bigint): void {
    if (this.seen === null || newest > this.seen) this.seen = newest;
  }

  /** `rows` more rows are taken; the next one stands `skip` rows after `position`. */
  moveTo(position: Position, skip: number, rows: number, now: number): void {
    this.position = position;
    this.skip = skip;
    this.row += rows;
    this.lastRowAt = now;
    this.touched = true;
  }

  /** The rows to come belong to a stretch; `arrival`: when they came in (ms), null where nobody asks. */
  beginStretch(arrival: number | null): void {
    if (this.#stretch === null) {
      this.#stretch = this.point();
      this.#arrivals = [];
    }
    if (arrival === null) return;
    this.arrival = arrival;
    const last = this.#arrivals.at(-1);
    if (last?.[1] === arrival) return;
    if (last?.[0] === this.row) this.#arrivals.pop();
    this.#arrivals.push([this.row, arrival]);
  }

  endStretch(): void {
    if (this.#stretch !== null && this.row > this.#stretch.row) {
      this.#stretches.push({ partition: this.name, from: this.#stretch, to: this.point(), arrivals: this.#arrivals, newest: this.seen });
    }
    this.#stretch = null;
  }

  takeStretches(): ReplayStretch[] {
    this.endStretch();
    const stretches = this.#stretches;
    this.#stretches = [];
    return stretches;
  }
}
