import type { Batch } from '../../../connectors/batch.ts';
import type { Connector, Polled, Position } from '../../../connectors/connector.ts';
import { sliceBatch } from '../batch/slice-batch.ts';
import { endOfTime, toMicros } from '../time/event-time.ts';
import type { Timing } from '../time/timing.ts';
import type { Intake } from './intake.ts';
import type { ReplayStretch } from './protocol.ts';
import { openContext } from './open-context.ts';

/** A reader that had nothing for this long (ms) although rows are missing has lost them. */
const replayWaitMsMax = 30_000;
const replayRetryMs = 20;

/** Stretches of one partition, in order, and how far its rows have been read again. */
interface Cursor {
  readonly stretches: readonly ReplayStretch[];
  next: number;
  row: number;
  skip: number;
  top: bigint | null;
  /** Number of the stretch's mark that its next row has. */
  mark: number;
  /** Rows at which what queries take changes. */
  readonly bounds: readonly number[];
}

/** Rows of a stretch that are in the source no more: something was removed in between. */
export interface GoneRows {
  readonly partition: string;
  readonly rows: number;
  readonly from: Position;
  readonly to: Position;
}

/** Reads the stretches of one source again, to the positions where they end, whatever is left of their rows. */
export class SourceReplay {
  readonly #intake: Intake;
  readonly #timing: Timing;
  readonly #cursors = new Map<string, Cursor>();
  rows = 0;
  readonly gone: GoneRows[] = [];

  constructor(intake: Intake, timing: Timing) {
    this.#intake = intake;
    this.#timing = timing;
    for (const stretch of intake.source.replay) {
      const cursor = this.#cursors.get(stretch.partition);
      if (cursor !== undefined) (cursor.stretches as ReplayStretch[]).push(stretch);
      else {
        const { row, skip, top } = stretch.from;
        this.#cursors.set(stretch.partition, {
          stretches: [stretch],
          next: 0,
          row,
          skip,
          top,
          mark: 0,
          bounds: intake.bounds(stretch.partition),
        });
      }
    }
  }

  /** Calls `onRows` after every batch that went into the queries. */
  async run(onRows: () => Promise<void>): Promise<void> {
    const { setup, connector, progress } = this.#intake.source;
    const positions = new Map<string, Position>(setup.resume.map(({ partition, point }) => [partition, point.position]));
    for (const [partition, { stretches }] of this.#cursors) positions.set(partition, (stretches[0] as ReplayStretch).from.position);
    const reader = await (connector as Connector).open(
      openContext(
        setup,
        positions,
        this.#timing,
        setup.share === null && setup.own === undefined ? undefined : (name) => progress.partitions.has(name),
        new Map([...this.#cursors].map(([name, { stretches }]) => [name, cutsOf(stretches)])),
      ),
    );
    let nothingSince: number | null = null;
    try {
      while ([...this.#cursors.values()].some(isOpen)) {
        const result = await reader.poll();
        if ('end' in result) {
          if (isOpen(this.#cursors.get(result.end))) throw this.#lost(result.end);
          continue;
        }
        if ('idle' in result) {
          const now = this.#timing.now();
          nothingSince ??= now;
          if (now - nothingSince > replayWaitMsMax) throw this.#lost(null);
          await new Promise<void>((resolve) => this.#timing.after(replayRetryMs, resolve));
          continue;
        }
        nothingSince = null;
        const taken = this.#take(result);
        result.release?.();
        if (taken) await onRows();
      }
    } finally {
      await reader.close();
    }
  }

  #lost(partition: string | null): Error {
    const where = partition === null ? '' : ` of ${partition}`;
    return new Error(`rows${where} that open windows need can no longer be read from source "${this.#intake.source.name}"`);
  }

  /** The parts of the batch that lie in a stretch. */
  #take({ partition, batch, from, to }: Polled): boolean {
    const cursor = this.#cursors.get(partition);
    if (!isOpen(cursor)) return false;
    this.#reach(cursor, from);
    let offset = Math.min(cursor.skip, batch.rows);
    cursor.skip -= offset;
    let pushed = false;
    while (offset < batch.rows) {
      const stretch = cursor.stretches[cursor.next];
      if (stretch === undefined) break;
      const gap = Math.min(stretch.from.row - cursor.row, batch.rows - offset);
      if (gap > 0) {
        offset += gap;
        cursor.row += gap;
        continue;
      }
      if (cursor.row === stretch.from.row) cursor.top = stretch.from.top;
      const end = cursor.bounds.reduce(
        (least, bound) => (bound > cursor.row && bound < least ? bound : least),
        sameArrival(cursor, stretch),
      );
      const rows = Math.min(end - cursor.row, batch.rows - offset);
      this.#push(sliceBatch(batch, offset, offset + rows), cursor, stretch);
      offset += rows;
      cursor.row += rows;
      pushed = true;
      if (cursor.row < stretch.to.row) continue;
      cursor.next++;
      cursor.mark = 0;
    }
    this.#reach(cursor, to);
    return pushed;
  }

  /** The reader stands at `at`: stretches that end there are over, with fewer rows than they had where some were removed. */
  #reach(cursor: Cursor, at: Position): void {
    const { connector } = this.#intake.source;
    const reaches = connector.reaches?.bind(connector);
    if (reaches === undefined || cursor.skip > 0) return;
    for (; isOpen(cursor); cursor.next++, cursor.mark = 0) {
      const { partition, from, to } = cursor.stretches[cursor.next] as ReplayStretch;
      if (from.skip === 0 && reaches(at, from.position)) cursor.row = Math.max(cursor.row, from.row);
      if (to.skip > 0 || !reaches(at, to.position)) return;
      // Rows behind the stretch may have been taken for rows of it.
      if (!reaches(to.position, at)) throw this.#lost(partition);
      if (cursor.row === from.row) cursor.top = from.top;
      this.gone.push({ partition, rows: to.row - cursor.row, from: from.position, to: to.position });
      cursor.row = to.row;
    }
  }

  #push(batch: Batch, cursor: Cursor, stretch: ReplayStretch): void {
    const { row, top } = cursor;
    cursor.top = this.#intake.replay(batch, { partition: stretch.partition, row, top, arrival: arrivalOf(cursor, stretch) });
    this.rows += batch.rows;
  }

  /** When (microseconds) the rows that are still to come had come in at the earliest. */
  arrival(): bigint {
    let smallest = endOfTime;
    for (const cursor of this.#cursors.values()) {
      const stretch = cursor.stretches[cursor.next];
      if (stretch === undefined) continue;
      sameArrival(cursor, stretch);
      const arrival = BigInt(arrivalOf(cursor, stretch)) * 1000n;
      if (arrival < smallest) smallest = arrival;
    }
    return smallest;
  }

  /** Microseconds before which no more rows of the replay come; null while that is not known. */
  watermark(): bigint | null {
    const { unit, lateness } = this.#intake.source.progress;
    if (unit === null) return null;
    let smallest: bigint | null = null;
    for (const cursor of this.#cursors.values()) {
      if (!isOpen(cursor)) continue;
      if (cursor.top === null) return null;
      const watermark = toMicros(cursor.top - lateness, unit);
      if (smallest === null || watermark < smallest) smallest = watermark;
    }
    return smallest;
  }
}

/** Where batches shall end, so that every row is known to be of a stretch or not. */
function cutsOf(stretches: readonly ReplayStretch[]): Position[] {
  return stretches.flatMap(({ from, to }) => [from, to]).flatMap(({ position, skip }) => (skip === 0 ? [position] : []));
}

/** Row before which rows came in together with the cursor's next. */
function sameArrival(cursor: Cursor, { arrivals, to }: ReplayStretch): number {
  const begins = (mark: number) => arrivals[mark]?.[0] ?? to.row;
  while (cursor.mark + 1 < arrivals.length && begins(cursor.mark + 1) <= cursor.row) cursor.mark++;
  return Math.min(to.row, begins(cursor.mark + 1));
}

/** Milliseconds. */
function arrivalOf({ mark }: Cursor, { arrivals, from }: ReplayStretch): number {
  return arrivals[mark]?.[1] ?? from.arrival;
}

function isOpen(cursor: Cursor | undefined): cursor is Cursor {
  return cursor !== undefined && cursor.next < cursor.stretches.length;
}
