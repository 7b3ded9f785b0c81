import type { Batch, FixedColumn } from '../../../connectors/batch.ts';
import { selectRows } from '../batch/select-rows.ts';
import { infinities, toMicros } from '../time/event-time.ts';
import { splitLate, timedRows } from '../time/late-filter.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import type { Epoch } from './epoch.ts';
import { batchColumns, ingestTimeName, withIngestTime } from './ingest-time.ts';
import type { PartitionProgress } from './partition-progress.ts';
import type { QueryGraph } from './query-graph.ts';
import { lateBatch, lateName, rejectedBatch, rejectedName } from './side-streams.ts';
import type { Slice } from './slice.ts';
import type { SourceRunner } from './source-runner.ts';

/** Rows of a replay: their partition, the number of the first, the largest event time before them, and when (ms) they came in. */
export interface Replayed {
  readonly partition: string;
  readonly row: number;
  readonly top: bigint | null;
  readonly arrival: number;
}

/** Takes rows of one source into the lane: ingest time, late filter, recording, queries. */
export class Intake {
  readonly source: SourceRunner;
  readonly #graph: QueryGraph;
  readonly #names: readonly string[];
  readonly #time: number;
  readonly #clock: ArrivalClock;
  readonly #stamped: boolean;

  constructor(source: SourceRunner, graph: QueryGraph, clock: ArrivalClock) {
    this.source = source;
    this.#graph = graph;
    this.#names = batchColumns(source.setup);
    this.#time = this.#names.indexOf(source.setup.definition.eventTime ?? '');
    this.#clock = clock;
    this.#stamped = source.setup.arrives || this.#names.includes(ingestTimeName);
  }

  /** Gives the number of late rows. */
  take({ partition, batch, rejected, position, skip, reached, newest }: Slice, epoch: Epoch, now: number): number {
    const { counters } = this.source;
    if (partition.returning) this.#return(partition);
    const arrival = this.#clock.ms;
    partition.beginStretch(this.#stamped ? arrival : null);
    const late = this.#push(partition, withIngestTime(batch, this.#names, arrival), epoch);
    partition.moveTo(position, skip, batch.rows, now);
    if (newest !== undefined) partition.seeUpTo(newest);
    if (reached !== undefined) partition.raiseTo(reached);
    counters.rows += batch.rows;
    counters.late += late;
    if (rejected.length > 0) {
      counters.rejected += rejected.length;
      epoch.append(rejectedName(this.source.name), rejectedBatch(rejected, partition.name, now), true);
    }
    epoch.touched = true;
    return late;
  }

  /** Windows went on without this partition: its rows before them are late now. */
  #return(partition: PartitionProgress): void {
    partition.returning = false;
    partition.idle = false;
    const floor = this.#graph.floor(this.source.name);
    if (floor !== null) partition.raiseTo(floor);
  }

  #push(partition: PartitionProgress, batch: Batch, epoch: Epoch): number {
    const { setup, progress, name } = this.source;
    if (this.#time < 0 || batch.rows === 0) {
      this.#accept(batch, epoch);
      return 0;
    }
    const split = splitLate(batch, this.#time, partition.top, progress.lateness);
    partition.see(split.top);
    if (split.late === null || split.timely === null || split.thresholds === null || split.behind === null) {
      this.#accept(batch, epoch);
      return 0;
    }
    if (setup.definition.late === 'divert') {
      const late = selectRows(batch, split.late);
      epoch.append(
        lateName(name),
        lateBatch(setup.definition, this.#names, late, this.#lateness(split.thresholds, split.behind), partition.name),
        true,
      );
    }
    this.#accept(selectRows(batch, split.timely), epoch);
    return split.late.length;
  }

  /** Per row in microseconds: how late it is, and the watermark that it missed. An infinity stays one. */
  #lateness(thresholds: BigInt64Array, behind: BigInt64Array): { behind: BigInt64Array; watermark: BigInt64Array } {
    const { unit } = this.source.progress;
    const micros = (value: bigint) => (unit === null || infinities.includes(value) ? value : toMicros(value, unit));
    return { behind: behind.map(micros), watermark: thresholds.map(micros) };
  }

  #accept(batch: Batch, epoch: Epoch): void {
    if (batch.rows === 0) return;
    this.#graph.push(this.source.name, batch);
    if (this.source.setup.recorded) epoch.append(this.source.name, batch, false);
  }

  /** Rows that were taken before a restart: into the queries, and nowhere else. */
  replay(batch: Batch, { partition, row, top, arrival }: Replayed): bigint | null {
    const stamped = withIngestTime(batch, this.#names, arrival);
    if (this.#time < 0 || batch.rows === 0) {
      this.#graph.push(this.source.name, stamped);
      return top;
    }
    const split = splitLate(stamped, this.#time, top, this.source.progress.lateness);
    const { name } = this.source;
    const timely = split.timely === null ? stamped : selectRows(stamped, split.timely);
    const letOut = this.bounds(partition).some((bound) => row < bound);
    const timed = letOut ? timedRows(timely.columns[this.#time] as FixedColumn, timely.rows) : null;
    if (timed === null) this.#graph.push(name, timely);
    else {
      const letIn = selectRows(timely, timed);
      this.#graph.push(name, timely, ({ setup }) => (row < (setup.letOut[name]?.[partition] ?? 0) ? letIn : timely));
    }
    return split.top;
  }

  /** Rows of a partition at which what queries take of a replay changes. */
  bounds(partition: string): number[] {
    const rows = this.#graph.nodes.map(({ setup }) => setup.letOut[this.source.name]?.[partition] ?? 0);
    return [...new Set(rows)].filter((row) => row > 0);
  }
}
