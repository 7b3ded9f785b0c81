import type { Batch } from '../../../connectors/batch.ts';
import type { QueryProgram } from '../../compile/program.ts';
import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';
import { lastWindowEnd } from '../plan-windows.ts';
import { settledTime } from '../settled-time.ts';
import { beginningOfTime, endOfTime } from '../time/event-time.ts';
import { earliest, latest } from '../time/extremes.ts';
import type { QueryClock } from '../../plan/catalog.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { OutEdge } from '../exchange/out-edge.ts';
import { jointIdle, jointWatermark } from '../time/joint-watermark.ts';
import { PassedArrival } from './passed-arrival.ts';
import { drain } from './drain.ts';
import { filteredRows } from './filtered-rows.ts';
import type { QueryCounters, QuerySetup } from './protocol.ts';

/** Something that brings rows and a watermark: a source or a query. */
export interface Upstream {
  readonly name: string;
  /** Microseconds; null before the first; `endOfTime` when it has ended. */
  readonly outputWatermark: bigint | null;
  readonly idle: boolean;
  /** Largest event time that it has brought (microseconds), or a bound above it. */
  lastEventTime(): bigint | null;
  /** The same as queries over arrival see it, where that differs. */
  readonly byArrival?: Upstream;
}

interface Input {
  readonly table: string;
  /** Indexes into the table's batches, in the program's order. */
  readonly columns: readonly number[];
  /** Of several inputs from one table, one counts its rows. */
  readonly counts: boolean;
}

/** One query in this lane: its instance, its watermark, its counters. */
export class QueryNode implements Upstream {
  readonly setup: QuerySetup;
  readonly id: string;
  /** Id of the query that it is, or is a part of. */
  readonly query: string;
  readonly name: string;
  readonly program: QueryProgram;
  readonly downstream: QueryNode[] = [];
  readonly upstreams: Upstream[] = [];
  /** Where its rows go instead of to `downstream`. */
  exchange: OutEdge | null = null;
  /** Edges of the group that its input comes by, directly or through other queries of this lane. */
  readonly edges: number[] = [];
  /** Sources whose rows reach it without leaving the lane. */
  readonly localSources = new Set<string>();
  watermark: bigint | null;
  error: string | null = null;
  ended = false;
  /** Takes no rows: those at hand are not for it. */
  waiting = false;
  cpuMs = 0;
  #instance: QueryInstance | null;
  readonly #inputs: readonly Input[];
  #counters: QueryCounters;
  /** What the instance had counted when its replay was over. */
  #filteredBefore = 0;
  #memoryBytes = 0;
  #needed: bigint | null = null;
  /** As it was when the input ended: what a time to live bounds is kept beyond that, for rows that are there after a restart. */
  #neededAtEnd: bigint | null = null;
  /** What it puts out now was put out when its input ended. */
  #atEnd = false;

  /** The whole query's. */
  readonly plan: PlanNode;
  readonly clock: QueryClock;
  /** Other lanes make its rows. */
  readonly #absent: boolean;
  /** Rows of other lanes come to it. */
  readonly #exchanged: boolean;

  /** `lane`: of its group; `edges`: tables that rows of other lanes come by. */
  constructor(
    setup: QuerySetup,
    instance: QueryInstance,
    columnsOf: (table: string) => readonly string[],
    lane = 0,
    edges: ReadonlySet<string> = new Set(),
  ) {
    this.setup = setup;
    this.id = setup.definition.id;
    this.query = setup.part?.query ?? this.id;
    this.plan = setup.part?.plan ?? setup.definition.plan;
    this.name = setup.definition.name;
    this.clock = setup.definition.clock;
    this.program = setup.program;
    this.watermark = setup.watermark;
    this.#instance = instance;
    this.#absent = setup.part !== null && setup.part.lane !== null && setup.part.lane !== lane;
    this.#exchanged = setup.program.inputs.some(({ table }) => edges.has(table));
    this.#counters = setup.counters;
    const seen = new Set<string>();
    this.#inputs = setup.program.inputs.map(({ table, columns }) => {
      const available = columnsOf(table);
      const counts = !seen.has(table) && !edges.has(table) && setup.definition.schema.length > 0;
      seen.add(table);
      return { table, columns: columns.map((column) => indexOf(available, column, table)), counts };
    });
  }

  get byArrival(): Upstream {
    return this.clock === 'arrival' ? this : new PassedArrival(this);
  }

  get idle(): boolean {
    return !this.ended && jointIdle(this.upstreams);
  }

  /** Watermark of the result's event time, for queries that read this one. */
  get outputWatermark(): bigint | null {
    if (this.ended) return endOfTime;
    if (this.watermark === null || this.setup.definition.eventTime === null || this.error !== null) return null;
    return this.watermark - this.setup.eventTimeDelay;
  }

  /** The watermark that its inputs allow; null while one of them has none. Idle inputs do not hold it back. */
  allowedWatermark(): bigint | null {
    return jointWatermark(this.upstreams);
  }

  /** Rows of `table`; gives what came out. Throws QueryFailure, and then nothing came out. */
  push(table: string, batch: Batch): Batch[] {
    const instance = this.#instance;
    if (instance === null || this.waiting || this.#absent) return [];
    this.#atEnd = false;
    const begun = performance.now();
    const out: Batch[] = [];
    for (const [index, input] of this.#inputs.entries()) {
      if (input.table !== table) continue;
      instance.push(index, { ...batch, columns: input.columns.map((column) => batch.columns[column] as Batch['columns'][number]) });
      drain(instance, out);
      if (input.counts) this.#counters = { ...this.#counters, rowsIn: this.#counters.rowsIn + batch.rows };
    }
    this.cpuMs += performance.now() - begun;
    return out;
  }

  /** The rows of a lookup table anew. */
  replace(table: string, batches: readonly Batch[]): Batch[] {
    const instance = this.#instance;
    if (instance === null) return [];
    for (const [index, { table: read, columns }] of this.#inputs.entries()) {
      if (read !== table) continue;
      const chosen = batches.map(({ rows, columns: all }) => ({
        rows,
        columns: columns.map((column) => all[column] as Batch['columns'][number]),
      }));
      instance.replace(index, chosen);
    }
    return [];
  }

  advance(watermark: bigint): Batch[] {
    const instance = this.#instance;
    if (instance === null) return [];
    const begun = performance.now();
    const out: Batch[] = [];
    if (watermark === endOfTime && this.#outlivesEnd) this.#neededAtEnd = this.oldestNeeded();
    if (!this.#absent) {
      instance.advance(watermark);
      drain(instance, out);
      if (this.#atEnd) out.length = 0;
    }
    this.watermark = watermark;
    this.cpuMs += performance.now() - begun;
    return out;
  }

  /** After a restart, before the first row. */
  resume(): void {
    const { image, replayFrom, watermark } = this.setup;
    const from = image === null ? (replayFrom ?? watermark) : image.watermark;
    if (image === null && from === null) return;
    if (this.stateful && image === null && from !== null) this.#instance?.resumeFrom(from);
    this.watermark = from;
  }

  /** All that it keeps, copied into `into`; null: it has failed or ended, or no image holds it. Only when all is drained. */
  image(into: Uint8Array<ArrayBuffer> | null): InstanceImage | null {
    return this.ended || this.#atEnd ? null : (this.#instance?.image?.(into) ?? null);
  }

  countOut(rows: number): void {
    this.#counters = { ...this.#counters, rowsOut: this.#counters.rowsOut + rows };
  }

  /** Rows that were replayed were counted before the restart. */
  forgetReplay(): void {
    this.#atEnd = this.setup.atEnd;
    this.#counters = this.setup.counters;
    this.#filteredBefore = filteredRows(this.program, this.operators());
  }

  fail(error: string): void {
    this.error = error;
    this.#counters = this.counters();
    this.#memoryBytes = 0;
    this.#needed = earliest(this.#needed === null ? [this.#oldestUnfinished()] : [this.#needed, this.#oldestUnfinished()]);
    this.#instance = null;
  }

  counters(): QueryCounters {
    if (this.#instance === null) return this.#counters;
    return {
      ...this.#counters,
      filtered: this.setup.counters.filtered + filteredRows(this.program, this.operators()) - this.#filteredBefore,
    };
  }

  /** Of series that `max_series` left no room for. */
  unlearntRows(): number {
    return this.#instance?.unlearntRows?.() ?? 0;
  }

  operators(): ReturnType<QueryInstance['counters']> {
    return this.#instance?.counters() ?? [];
  }

  memoryBytes(): number {
    if (this.#instance !== null) this.#memoryBytes = this.#instance.memoryBytes();
    return this.#memoryBytes;
  }

  /**
   * Oldest row of its inputs (microseconds) that a restart needs to make its open windows again, and those of queries of this lane that
   * read it, or null. A query that has failed goes on needing what it needed, so that a restart with a higher limit loses nothing.
   */
  oldestNeeded(): bigint | null {
    if (this.#instance === null) return this.#needed;
    const readers = this.downstream.filter((reader) => reader.clock === this.clock).map((reader) => reader.oldestNeeded());
    const open = this.#instance.oldestOpenStart(earliest(readers));
    // What lanes before an exchange made a row of is known only as far as the plan tells.
    const needed = open === null ? null : sinceBeginning(this.#exchanged ? open - this.setup.inputReach : open);
    this.#needed = earliest([needed, this.#neededAtEnd]);
    return this.#needed;
  }

  get #outlivesEnd(): boolean {
    return this.setup.whole.bounds.some(({ by }) => by === 'ttl' || by === 'one group');
  }

  /** No window that is not emitted yet has rows before this (microseconds): also those of the batch that it fails at. */
  #oldestUnfinished(): bigint {
    if (this.watermark === null) return beginningOfTime;
    return sinceBeginning(this.watermark - this.reach);
  }

  /** Longest stretch (microseconds) of source rows that one result row covers. */
  get reach(): bigint {
    return this.setup.reach + this.setup.inputReach;
  }

  /** Up to where its windows are emitted, as it is committed: after the end, the end of the last window that can have been open. */
  committedWatermark(): bigint | null {
    if (!this.ended) return this.watermark;
    const last = this.lastInputTime();
    return last === null ? this.setup.watermark : latest([lastWindowEnd(this.plan, last), settledTime(this.setup.whole, last)]);
  }

  /** Its own watermark, for a part of the same query that reads this one. */
  get reachedWatermark(): bigint | null {
    return this.ended ? endOfTime : this.watermark;
  }

  /** Largest event time that its inputs have brought (microseconds). */
  lastInputTime(): bigint | null {
    return latest(this.upstreams.map((upstream) => upstream.lastEventTime()));
  }

  lastEventTime(): bigint | null {
    const reached = this.committedWatermark();
    return reached === null ? null : reached - this.setup.eventTimeDelay;
  }

  get stateful(): boolean {
    return !this.program.stateless;
  }
}

function sinceBeginning(time: bigint): bigint {
  return time < beginningOfTime ? beginningOfTime : time;
}

function indexOf(available: readonly string[], column: string, table: string): number {
  const index = available.indexOf(column);
  if (index < 0) throw new Error(`the module reads column "${column}", which "${table}" does not bring`);
  return index;
}
