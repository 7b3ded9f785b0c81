import type { EpochCommit, RecoveryState } from '../store/store.ts';
import { mergeEndedRows } from './lane/ended-rows.ts';
import type { WireEpoch } from './lane/protocol.ts';
import { beginningOfTime } from './time/event-time.ts';
import { earliest, latest } from './time/extremes.ts';

type QueryEntry = EpochCommit['queries'][number];
type QueryPartEntry = WireEpoch['queries'][number];

export interface MergedEpoch extends Omit<WireEpoch, 'queries'> {
  readonly queries: readonly QueryEntry[];
}

/** Counters that are the same in every lane. */
const sameEverywhere: ReadonlySet<string> = new Set(['plan', 'paceOffsetMs']);

/**
 * Puts the lanes' parts of an epoch together, once all are there: what is committed is the work of the group as a whole. A query that
 * has failed in one lane has failed in all: what the others made of the same rows is not committed, and its state stays as it was.
 */
export class EpochMerge {
  readonly #lanes: number;
  readonly #parts = new Map<number, WireEpoch[]>();
  readonly #states: Map<string, QueryEntry>;
  readonly #streams: ReadonlyMap<string, string>;

  /** `before`: as stored; `streams`: of each query the one that its rows go to. */
  constructor(lanes: number, before: RecoveryState['queries'], streams: ReadonlyMap<string, string>) {
    this.#lanes = lanes;
    this.#streams = streams;
    this.#states = new Map(before.map((query) => [query.id, query]));
  }

  /** The whole epoch, or null while parts are missing. */
  add(part: WireEpoch): MergedEpoch | null {
    const parts = [...(this.#parts.get(part.epoch) ?? []), part];
    this.#parts.set(part.epoch, parts);
    if (parts.length < this.#lanes) return null;
    this.#parts.delete(part.epoch);
    parts.sort((a, b) => a.lane - b.lane);
    return this.#lanes === 1 ? withoutFlags(part) : this.#merge(parts);
  }

  #merge(parts: readonly WireEpoch[]): MergedEpoch {
    const [first] = parts as [WireEpoch];
    const failed = new Set(parts.flatMap((part) => part.queries.filter((query) => query.failed).map((query) => query.id)));
    const streams = new Set([...failed].map((id) => this.#streams.get(id)));
    const queries = first.queries.map(({ id }) => {
      const entries = parts.map((part) => part.queries.find((query) => query.id === id) as QueryPartEntry);
      const state = failed.has(id) ? this.#kept(entries) : together(entries, this.#states.get(id));
      this.#states.set(id, state);
      return state;
    });
    return {
      lane: first.lane,
      epoch: first.epoch,
      appends: parts.flatMap((part) => part.appends.filter(({ stream }) => !streams.has(stream))),
      partitions: parts.flatMap((part) => part.partitions),
      ranges: parts.flatMap((part) => part.ranges),
      queries,
      counters: sumCounters(parts.flatMap((part) => part.counters)),
    };
  }

  /** As it was when it had not failed, and in need of all rows that came after; of all there are when it never got so far. */
  #kept([entry]: readonly QueryPartEntry[]): QueryEntry {
    const { reach, ...query } = entry as QueryPartEntry;
    const { watermark = null, oldestOpenStart = null } = this.#states.get(query.id) ?? {};
    const needed = watermark === null ? beginningOfTime : latest([beginningOfTime, earliest([oldestOpenStart, watermark - reach])]);
    return { ...entryOf({ reach, ...query }), watermark, oldestOpenStart: needed };
  }
}

function withoutFlags({ queries, ...epoch }: WireEpoch): MergedEpoch {
  return { ...epoch, queries: queries.map(entryOf) };
}

function entryOf({ ended: _, failed: _failed, reach: _reach, ...query }: QueryPartEntry): QueryEntry {
  return query;
}

/** A query is as far as the lane that is furthest behind, of those that have not had all their input. `before`: as stored. */
function together(entries: readonly QueryPartEntry[], before: QueryEntry | undefined): QueryEntry {
  const running = entries.filter((entry) => !entry.ended);
  const watermarks = running.map((entry) => entry.watermark);
  const least = watermarks.includes(null) ? null : earliest(watermarks);
  const { endedRows: _, ...first } = entryOf(entries[0] as QueryPartEntry);
  const ended = running.length === 0 ? mergeEndedRows(entries.map((entry) => entry.endedRows ?? {})) : before?.endedRows;
  return {
    ...first,
    ...(ended === undefined ? {} : { endedRows: ended }),
    watermark: running.length === 0 ? latest(entries.map((entry) => entry.watermark)) : least,
    oldestOpenStart: earliest(entries.map((entry) => entry.oldestOpenStart)),
  };
}

function sumCounters(counters: WireEpoch['counters']): WireEpoch['counters'] {
  const sums = new Map<string, WireEpoch['counters'][number]>();
  for (const each of counters) {
    const key = `${each.kind} ${each.name} ${each.counter}`;
    const before = sums.get(key);
    if (before === undefined) sums.set(key, each);
    else if (!sameEverywhere.has(each.counter)) sums.set(key, { ...each, value: before.value + each.value });
  }
  return [...sums.values()];
}
