import type { Position } from '../../connectors/connector.ts';
import { positionText } from './position-text.ts';
import type { EpochCommit, ReplayRange, StoredImage } from './store.ts';

/** Microseconds: as far back as a need goes. */
const earliestTime = -8_640_000_000_000_000_000n;

export interface StoredRange extends ReplayRange {
  readonly id: number;
}

/** What a query still needs: windows from `oldestOpenStart` on, in event time or the time of arrival, over rows of `sources`. */
export interface QueryNeed {
  readonly oldestOpenStart: bigint | null;
  readonly sources: ReadonlySet<string>;
  readonly clock?: 'arrival' | undefined;
}

/** A stretch before the first time has only rows without one: whoever waits for the end with them needs all that is before it. */
export function isNeeded(range: ReplayRange, queries: Iterable<QueryNeed>): boolean {
  for (const { oldestOpenStart, sources, clock } of queries) {
    if (oldestOpenStart === null || !sources.has(range.source)) continue;
    const newest = clock === 'arrival' ? newestArrival(range) : (range.maxEventTimeWithin ?? earliestTime);
    if (newest !== null && newest >= oldestOpenStart) return true;
  }
  return false;
}

/** Some of its rows came after an image was taken: a restart from there reads them again. */
export function isAfterImage({ source, partition, to }: ReplayRange, images: readonly Pick<StoredImage, 'sources' | 'points'>[]): boolean {
  return images.some(({ sources, points }) => {
    if (!sources.includes(source)) return false;
    const point = points.find((each) => each.source === source && each.partition === partition);
    return point === undefined || rowOf(to) > rowOf(point.position);
  });
}

function rowOf(stored: Position): number {
  return typeof stored === 'object' ? Number(stored.row) : 0;
}

/** When (microseconds) the last of its rows came in, or null where nobody asked. */
export function newestArrival({ arrivals }: Pick<ReplayRange, 'arrivals'>): bigint | null {
  const newest = arrivals?.at(-1);
  return newest === undefined ? null : BigInt(newest[1]) * 1000n;
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
    ...mergeArrivals(first.arrivals, second.arrivals),
  };
}

/** Rows between the two that were let go are needed by nobody: they may pass for rows of the first. */
function mergeArrivals(first: ReplayRange['arrivals'] = [], second: ReplayRange['arrivals'] = []): Pick<ReplayRange, 'arrivals'> {
  const last = first.at(-1);
  const arrivals = [...first, ...(last !== undefined && last[1] === second[0]?.[1] ? second.slice(1) : second)];
  return arrivals.length === 0 ? {} : { arrivals };
}

function larger(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null) return b;
  return b === null || a > b ? a : b;
}

/**
 * Halves the stretches of a partition. Order by id stays the order of reading. `exact`: of stretches that must say exactly what was read,
 * neighbours are merged only where nothing is between them, neither rows nor a raised time.
 */
export function thinRanges(
  ranges: readonly StoredRange[],
  exact: (range: StoredRange) => boolean = () => false,
): {
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
    if (exact(second) && positionText(first.to) !== positionText(second.from)) {
      kept.push(first, second);
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
