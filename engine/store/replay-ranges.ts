import type { EpochCommit, ReplayRange } from './store.ts';

export interface StoredRange extends ReplayRange {
  readonly id: number;
}

/** What a query still needs: windows from `oldestOpenStart` on, over rows of `sources`. */
export interface QueryNeed {
  readonly oldestOpenStart: bigint | null;
  readonly sources: ReadonlySet<string>;
}

/** A stretch without event times is in no window, so no query needs it. */
export function isNeeded(range: ReplayRange, queries: Iterable<QueryNeed>): boolean {
  const within = range.maxEventTimeWithin;
  if (within === null) return false;
  for (const query of queries) {
    if (query.oldestOpenStart !== null && within >= query.oldestOpenStart && query.sources.has(range.source)) return true;
  }
  return false;
}

/**
 * Two neighbouring stretches as one. Rows of the first are then read again as long as the second is needed, which costs time but
 * changes no result.
 */
export function mergeRanges(first: StoredRange, second: StoredRange): StoredRange {
  return {
    id: first.id,
    source: first.source,
    partition: first.partition,
    from: first.from,
    to: second.to,
    maxEventTimeBefore: first.maxEventTimeBefore,
    maxEventTimeWithin: larger(first.maxEventTimeWithin, second.maxEventTimeWithin),
  };
}

function larger(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null) return b;
  return b === null || a > b ? a : b;
}

/** Halves the stretches of a partition; those of other partitions stay. Order by id stays the order of reading. */
export function thinRanges(ranges: readonly StoredRange[]): {
  readonly kept: StoredRange[];
  readonly changed: StoredRange[];
  readonly removed: number[];
} {
  const kept: StoredRange[] = [];
  const changed: StoredRange[] = [];
  const removed: number[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    const first = ranges[index] as StoredRange;
    const second = ranges[index + 1];
    if (second === undefined) {
      kept.push(first);
      continue;
    }
    const merged = mergeRanges(first, second);
    kept.push(merged);
    changed.push(merged);
    removed.push(second.id);
  }
  return { kept, changed, removed };
}

/** Sources a query of this commit reads: those it names, or all of its lane. */
export function sourcesOf(
  query: EpochCommit['queries'][number],
  ofLane: ReadonlySet<string>,
  before: ReadonlySet<string> | undefined,
): Set<string> {
  if (query.sources !== undefined) return new Set(query.sources);
  return new Set([...ofLane, ...(before ?? [])]);
}
