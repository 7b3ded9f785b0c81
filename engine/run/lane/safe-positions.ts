import type { Position } from '../../../connectors/connector.ts';
import { isNeeded, type QueryNeed } from '../../store/replay-ranges.ts';
import type { ReplayRange } from '../../store/store.ts';
import type { ReplayStretch, WireEpoch } from './protocol.ts';

interface Kept {
  readonly position: Position;
  /** Null while it is not known what it holds: kept until no query needs anything. */
  readonly range: ReplayRange | null;
}

/** Per partition, the place before which no restart will read: the oldest stretch that an open window needs, or else the end. */
export class SafePositions {
  readonly #kept = new Map<string, Kept[]>();
  readonly #ends = new Map<string, Position>();
  readonly #told = new Map<string, Position>();

  constructor(replayed: readonly ReplayStretch[]) {
    for (const { partition, from } of replayed) this.#keep(partition, { position: from.position, range: null });
  }

  #keep(partition: string, kept: Kept): void {
    const list = this.#kept.get(partition);
    if (list === undefined) this.#kept.set(partition, [kept]);
    else list.push(kept);
  }

  /** Positions that have moved with this commit. */
  after(
    ranges: WireEpoch['ranges'],
    partitions: WireEpoch['partitions'],
    needs: readonly QueryNeed[],
    positionOf: (stored: Position) => Position,
  ): ReadonlyMap<string, Position> {
    for (const range of ranges) this.#keep(range.partition, { position: positionOf(range.from), range });
    for (const { partition, position } of partitions) this.#ends.set(partition, positionOf(position));
    const open = needs.filter(({ oldestOpenStart }) => oldestOpenStart !== null);
    const moved = new Map<string, Position>();
    for (const [partition, end] of this.#ends) {
      const kept = (this.#kept.get(partition) ?? []).filter(({ range }) => (range === null ? open.length > 0 : isNeeded(range, open)));
      this.#kept.set(partition, kept);
      const safe = kept[0]?.position ?? end;
      if (this.#told.get(partition) === safe) continue;
      this.#told.set(partition, safe);
      moved.set(partition, safe);
    }
    return moved;
  }
}
