import type { Batch } from '../../../connectors/batch.ts';
import { encodeBatch, wireBytes } from '../batch/transfer.ts';
import { toMicros } from '../time/event-time.ts';
import type { Apart } from './apart.ts';
import type { PartitionProgress } from './partition-progress.ts';
import type { ReplayStretch, WireEpoch } from './protocol.ts';
import { queryCounters, queryEntries } from './query-entries.ts';
import type { QueryNode } from './query-node.ts';
import { storedPosition } from './resume-point.ts';
import type { SourceRunner } from './source-runner.ts';

/** An epoch ends after this time (ms) ... */
export const epochMsMax = 1000;
/** ... or when it holds this many result rows ... */
export const epochRowsMax = 1 << 20;
/** ... or bytes. */
export const epochBytesMax = 64 << 20;

/** Collects what a lane does between two commits. */
export class Epoch {
  readonly begunAt: number;
  #appends: WireEpoch['appends'][number][] = [];
  #rows = 0;
  #bytes = 0;
  /** Something happened that a restart must know of. */
  touched = false;

  constructor(begunAt: number) {
    this.begunAt = begunAt;
  }

  append(stream: string, batch: Batch, owned: boolean): void {
    const wire = encodeBatch(batch, owned);
    this.#appends.push({ stream, batch: wire });
    this.#rows += batch.rows;
    this.#bytes += wireBytes(wire);
    this.touched = true;
  }

  get bytes(): number {
    return this.#bytes;
  }

  isDue(now: number): boolean {
    return this.#rows >= epochRowsMax || this.#bytes >= epochBytesMax || (this.touched && now - this.begunAt >= epochMsMax);
  }

  finish(
    lane: number,
    epoch: number,
    sources: readonly SourceRunner[],
    nodes: readonly QueryNode[],
    apart: Apart | null = null,
  ): WireEpoch {
    return {
      lane,
      epoch,
      appends: this.#appends,
      partitions: sources.flatMap(partitionStates),
      ranges: sources.flatMap((source) => stretches(source).map((stretch) => replayRange(source, stretch))),
      queries: queryEntries(nodes, sources),
      counters: [...sources.flatMap(sourceCounters), ...queryCounters(nodes)],
      ...(apart === null ? {} : { marks: apart.take() }),
    };
  }
}

function partitionStates(source: SourceRunner): WireEpoch['partitions'][number][] {
  const states: WireEpoch['partitions'][number][] = [];
  for (const partition of source.progress.partitions.values()) {
    if (!partition.touched || partition.position === null) continue;
    partition.touched = false;
    states.push({
      source: source.name,
      partition: partition.name,
      position: storedPosition(partition.point()),
      maxEventTime: partition.topMicros,
      ended: partition.ended,
    });
  }
  return states;
}

function stretches(source: SourceRunner): ReplayStretch[] {
  const all: ReplayStretch[] = [];
  for (const partition of source.progress.partitions.values() as Iterable<PartitionProgress>) all.push(...partition.takeStretches());
  return source.setup.stateful && source.connector.replayable ? all : [];
}

function replayRange(source: SourceRunner, { partition, from, to, arrivals, newest = null }: ReplayStretch): WireEpoch['ranges'][number] {
  const { unit } = source.progress;
  const micros = (top: bigint | null) => (top === null || unit === null ? null : toMicros(top, unit));
  return {
    source: source.name,
    partition,
    from: storedPosition(from),
    to: storedPosition(to),
    maxEventTimeBefore: micros(from.top),
    maxEventTimeWithin: micros(source.setup.definition.exchanged === true ? newest : to.top),
    ...(arrivals.length === 0 ? {} : { arrivals }),
  };
}

type Counter = WireEpoch['counters'][number];

function sourceCounters(source: SourceRunner): Counter[] {
  const { paceOffsetMs } = source;
  if (!source.setup.counted) return [];
  const values = { ...source.counters, ...(paceOffsetMs === null ? {} : { paceOffsetMs }) };
  return Object.entries(values).map(([counter, value]) => ({ kind: 'source', name: source.name, counter, value }));
}
