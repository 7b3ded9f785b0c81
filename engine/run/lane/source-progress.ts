import type { SourceDefinition } from '../../plan/catalog.ts';
import { endOfTime, type EventTimeUnit, eventTimeUnit, latenessSteps, microseconds, toMicros } from '../time/event-time.ts';
import { earliest, latest } from '../time/extremes.ts';
import { PartitionProgress } from './partition-progress.ts';

/** Between two looks at what is idle lies no more time (ms), unless the lane was held up. */
const lookMsMax = 1_000;

/**
 * A source's partitions and their common watermark: the minimum over the active ones; when all are idle, the furthest that any of them
 * has reached; `endOfTime` when all have ended. It never goes back.
 */
export class SourceProgress {
  readonly unit: EventTimeUnit | null;
  readonly lateness: bigint;
  readonly partitions = new Map<string, PartitionProgress>();
  watermark: bigint | null = null;
  idle = false;
  ended = false;
  readonly #idleTimeoutMs: number | null;

  readonly #lasting: boolean;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** `lasting`: other processes wait for it. Without partitions it is idle, and has not ended. */
  constructor(definition: SourceDefinition, lasting = false) {
    const column = definition.columns.find((each) => each.name === definition.eventTime);
    this.#lasting = lasting;
    this.unit = definition.exchanged === true ? microseconds : column === undefined ? null : eventTimeUnit(column.type);
    this.lateness = this.unit === null ? 0n : latenessSteps(definition.maxLatenessMs, this.unit);
    this.#idleTimeoutMs = definition.idleTimeoutMs;
  }

  addPartition(name: string, now: number): PartitionProgress {
    const partition = new PartitionProgress(name, this.unit, this.lateness, now);
    this.partitions.set(name, partition);
    return partition;
  }

  /** `quiet` tells whether the source has nothing more from a partition since its last row. */
  findIdle(now: number, quiet: (partition: PartitionProgress) => boolean): void {
    if (this.#idleTimeoutMs === null) return;
    if (this.#lasting) this.#overlook(now);
    for (const partition of this.partitions.values()) {
      if (partition.idle || partition.ended || now - partition.lastRowAt < this.#idleTimeoutMs || !quiet(partition)) continue;
      partition.idle = true;
      partition.returning = true;
    }
  }

  /** Who has not looked for a while, because the process was stopped or brokers did not answer, cannot say that nothing came. */
  #overlook(now: number): void {
    const overlooked = now - this.#lookedAt > lookMsMax;
    this.#lookedAt = now;
    if (overlooked) for (const partition of this.partitions.values()) partition.lastRowAt = now;
  }

  /** When the next partition could become idle (ms), or null. */
  idleAt(): number | null {
    if (this.#idleTimeoutMs === null) return null;
    let earliest: number | null = null;
    for (const partition of this.partitions.values()) {
      if (partition.idle || partition.ended) continue;
      const at = partition.lastRowAt + this.#idleTimeoutMs;
      if (earliest === null || at < earliest) earliest = at;
    }
    return earliest;
  }

  update(): void {
    const open = [...this.partitions.values()].filter((partition) => !partition.ended);
    const active = open.filter((partition) => !partition.idle);
    this.ended = open.length === 0 && !(this.#lasting && this.partitions.size === 0);
    this.idle = !this.ended && active.length === 0;
    const reached = this.ended ? endOfTime : active.length > 0 ? least(active) : latest(open.map((partition) => partition.watermark));
    if (reached !== null && (this.watermark === null || reached > this.watermark)) this.watermark = reached;
  }

  /** Largest event time of any partition, in microseconds. */
  maxEventTime(): bigint | null {
    const seen = latest([...this.partitions.values()].map((partition) => partition.seen));
    return seen === null || this.unit === null ? null : toMicros(seen, this.unit);
  }
}

/** Null while one of them has none. */
function least(partitions: readonly PartitionProgress[]): bigint | null {
  const watermarks = partitions.map((partition) => partition.watermark);
  return watermarks.includes(null) ? null : earliest(watermarks);
}
