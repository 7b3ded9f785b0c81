import { BulkWrite } from './bulk-write.ts';
import type { Connection } from './database.ts';
import type { StoreLimits } from './limits.ts';
import { positionOf, positionText } from './position-text.ts';
import { isAfterImage, isNeeded, type QueryNeed, type StoredRange, thinRanges } from './replay-ranges.ts';
import type { ArrivalMark, ReplayRange, StoredImage } from './store.ts';
import { bigintOf, numberOf, selectRows } from './system-tables.ts';

const columns = {
  id: 'BIGINT',
  source: 'VARCHAR',
  partition: 'VARCHAR',
  from_position: 'VARCHAR',
  to_position: 'VARCHAR',
  max_event_time_before_us: 'BIGINT',
  max_event_time_within_us: 'BIGINT',
  arrivals: 'VARCHAR',
};

/** `engine.ranges`, by partition, each in the order of reading. */
export class RangeTable {
  readonly #connection: Connection;
  readonly #limits: StoreLimits;
  readonly #insert: BulkWrite;
  #partitions = new Map<string, StoredRange[]>();
  #nextId = 1;

  constructor(connection: Connection, limits: StoreLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#insert = new BulkWrite(connection, 'engine.ranges', columns, []);
  }

  async load(): Promise<void> {
    this.#partitions = new Map();
    for (const row of await selectRows(this.#connection, `SELECT ${Object.keys(columns).join(', ')} FROM engine.ranges ORDER BY id`)) {
      const [id, source, partition, from, to, before, within, arrivals] = row;
      this.#push({
        id: numberOf(id),
        source: String(source),
        partition: String(partition),
        from: positionOf(from),
        to: positionOf(to),
        maxEventTimeBefore: bigintOf(before),
        maxEventTimeWithin: bigintOf(within),
        ...(arrivals === null ? {} : { arrivals: JSON.parse(String(arrivals)) as ArrivalMark[] }),
      });
    }
  }

  all(): StoredRange[] {
    return [...this.#partitions.values()].flat().sort((a, b) => a.id - b.id);
  }

  async add(ranges: readonly ReplayRange[]): Promise<void> {
    const stored = ranges.map((range) => ({ ...range, id: this.#nextId++ }));
    for (const range of stored) this.#push(range);
    await this.#insert.write(stored.map(rangeRow));
  }

  async prune(queries: readonly QueryNeed[], images: readonly StoredImage[] = []): Promise<void> {
    const removed: number[] = [];
    for (const [key, ranges] of this.#partitions) {
      const needed = ranges.filter((range) => isNeeded(range, queries) || isAfterImage(range, images));
      if (ranges.length - needed.length < this.#limits.rangesPruneMin) continue;
      const kept = new Set(needed);
      removed.push(...ranges.filter((range) => !kept.has(range)).map((range) => range.id));
      this.#partitions.set(key, needed);
    }
    await this.#delete(removed);
    for (const [key, ranges] of this.#partitions) {
      if (ranges.length <= this.#limits.rangesPerPartitionMax) continue;
      const thinned = thinRanges(ranges, (range) => isAfterImage(range, images));
      this.#partitions.set(key, thinned.kept);
      await this.#delete([...thinned.removed, ...thinned.changed.map((range) => range.id)]);
      await this.#insert.write(thinned.changed.map(rangeRow));
    }
  }

  close(): void {
    this.#insert.close();
  }

  #push(range: StoredRange): void {
    const key = JSON.stringify([range.source, range.partition]);
    const ranges = this.#partitions.get(key);
    if (ranges === undefined) this.#partitions.set(key, [range]);
    else ranges.push(range);
    this.#nextId = Math.max(this.#nextId, range.id + 1);
  }

  async #delete(ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.#connection.sql.run(`DELETE FROM engine.ranges WHERE id IN (${ids.join(',')})`);
  }
}

function rangeRow(range: StoredRange) {
  return {
    id: range.id,
    source: range.source,
    partition: range.partition,
    from_position: positionText(range.from),
    to_position: positionText(range.to),
    max_event_time_before_us: range.maxEventTimeBefore?.toString() ?? null,
    max_event_time_within_us: range.maxEventTimeWithin?.toString() ?? null,
    arrivals: range.arrivals === undefined ? null : JSON.stringify(range.arrivals),
  };
}
