import { isAfterImage, isNeeded, type StoredRange, sourcesOf, thinRanges } from '../../store/replay-ranges.ts';
import type { Position } from '../../../connectors/connector.ts';
import { resumePoint, storedPosition } from '../lane/resume-point.ts';
import type { EpochCommit, PartitionState, RecoveryState, SourceIdentity, StoredImage } from '../../store/store.ts';

/** Stretches of one partition that a document holds; beyond it neighbours are merged. */
const rangesPerPartitionMax = 500;

type Applied = Pick<EpochCommit, 'partitions' | 'ranges' | 'queries' | 'counters' | 'images'>;
type Query = Applied['queries'][number] & { readonly sources: readonly string[] };
type Counter = Applied['counters'][number];

/** What a lane needs to go on, kept up with each epoch: what the store keeps in its tables for a run of one process. */
export class LaneState {
  readonly #partitions = new Map<string, PartitionState>();
  readonly #queries = new Map<string, Query>();
  readonly #counters = new Map<string, Counter>();
  readonly #ranges = new Map<string, StoredRange[]>();
  readonly #sources = new Set<string>();
  readonly #identities = new Map<string, SourceIdentity>();
  #images: readonly StoredImage[] = [];
  #nextId = 1;

  constructor(before: RecoveryState) {
    const { images = [], sources = [], ...state } = before;
    this.identify(sources);
    this.apply({ ...state, images: { add: images, drop: [] } });
  }

  /** What sources are now; those that are not in use stay what they were. */
  identify(sources: readonly SourceIdentity[]): void {
    for (const identity of sources) this.#identities.set(identity.source, identity);
  }

  /** Queries that are no more need nothing any longer. */
  keepQueries(ids: ReadonlySet<string>): void {
    for (const id of this.#queries.keys()) if (!ids.has(id)) this.#queries.delete(id);
  }

  apply({ partitions, ranges, queries, counters, images }: Applied): void {
    if (images !== undefined) this.#images = [...this.#images.filter(({ name }) => !images.drop.includes(name)), ...images.add];
    for (const { source } of [...partitions, ...ranges]) this.#sources.add(source);
    for (const each of partitions) this.#partitions.set(key(each.source, each.partition), each);
    for (const each of counters) this.#counters.set(key(each.kind, each.name, each.counter), each);
    for (const query of queries) {
      const before = this.#queries.get(query.id)?.sources;
      const sources = sourcesOf(query, this.#sources, before === undefined ? undefined : new Set(before));
      this.#queries.set(query.id, { ...query, sources: [...sources] });
    }
    for (const range of ranges.map(withoutMarks)) {
      const place = key(range.source, range.partition);
      const known = this.#ranges.get(place) ?? [];
      known.push({ ...range, id: this.#nextId++ });
      this.#ranges.set(place, known);
    }
    this.#prune();
  }

  recovery(): RecoveryState {
    const ranges = [...this.#ranges.values()].flat().sort((a, b) => a.id - b.id);
    return {
      partitions: [...this.#partitions.values()],
      ranges: ranges.map(({ id: _, ...range }) => range),
      queries: [...this.#queries.values()],
      counters: [...this.#counters.values()],
      ...(this.#identities.size === 0 ? {} : { sources: [...this.#identities.values()] }),
      ...(this.#images.length === 0 ? {} : { images: this.#images }),
    };
  }

  /** Where a partition goes on; null: nothing of it was read. */
  position(source: string, partition: string): Position | null {
    return this.#partitions.get(key(source, partition))?.position ?? null;
  }

  /** Offset of the oldest record of a partition that is still to be read, or to be read again; null: nothing of it was read. */
  neededFrom(source: string, partition: string): number | null {
    const place = key(source, partition);
    const known = this.#partitions.get(place);
    if (known === undefined) return null;
    const offsets = [known.position, ...(this.#ranges.get(place) ?? []).map(({ from }) => from)].map(offsetOf);
    return Math.min(...offsets);
  }

  #prune(): void {
    const needs = [...this.#queries.values()].map((query) => ({ ...query, sources: new Set(query.sources) }));
    const isExact = (range: StoredRange) => isAfterImage(range, this.#images);
    for (const [place, ranges] of this.#ranges) {
      const needed = ranges.filter((range) => isNeeded(range, needs) || isAfterImage(range, this.#images));
      this.#ranges.set(place, needed.length > rangesPerPartitionMax ? thinRanges(needed, isExact).kept : needed);
    }
  }
}

function offsetOf(stored: Position): number {
  const { position } = resumePoint(stored);
  return typeof position === 'object' ? Number(position.offset) : 0;
}

/** How far the lanes of an edge were, and what was read of it, is kept once, where it goes on. */
function withoutMarks(range: Applied['ranges'][number]): Applied['ranges'][number] {
  return { ...range, from: bare(range.from), to: bare(range.to) };
}

function bare(stored: Position): Position {
  if (typeof stored !== 'object') return stored;
  const point = resumePoint(stored);
  const { position } = point;
  if (typeof position !== 'object' || position.marks === undefined) return stored;
  const { marks: _, bytes: __, ...place } = position;
  return storedPosition({ ...point, position: place });
}

function key(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
