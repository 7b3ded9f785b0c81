import type { Position } from '../../../connectors/connector.ts';
import type { EpochCommit } from '../../store/store.ts';
import type { WireEpoch } from './protocol.ts';
import { resumePoint } from './resume-point.ts';
import { SafePositions } from './safe-positions.ts';
import type { SourceRunner } from './source-runner.ts';

/** Epochs that a lane has handed over and the store has not yet committed: at most so many ... */
export const epochsInFlightMax = 2;
/** ... and no further one while they hold more than these bytes. */
export const bytesInFlightMax = 128 << 20;

type Acknowledgement = readonly [SourceRunner, ReadonlyMap<string, Position>];
type Taken = Pick<WireEpoch, 'ranges' | 'partitions'> & { readonly bytes: number };

/** Epochs under way to the store. When it is full, the lane takes no more rows. */
export class InFlight {
  readonly #epochs = new Map<number, Taken>();
  readonly #safe = new Map<SourceRunner, SafePositions>();
  #bytes = 0;

  get empty(): boolean {
    return this.#epochs.size === 0;
  }

  get full(): boolean {
    return this.#epochs.size >= epochsInFlightMax || this.#bytes >= bytesInFlightMax;
  }

  add({ epoch, ranges, partitions }: WireEpoch, bytes: number): void {
    this.#epochs.set(epoch, { ranges, partitions, bytes });
    this.#bytes += bytes;
  }

  /** What each source may forget now; `queries`: what they need, whichever lane they are in. */
  committed(epoch: number, queries: EpochCommit['queries'], sources: readonly SourceRunner[]): readonly Acknowledgement[] {
    const taken = this.#epochs.get(epoch);
    if (taken === undefined) return [];
    this.#epochs.delete(epoch);
    this.#bytes -= taken.bytes;
    return sources
      .map((source): Acknowledgement => {
        const positions = this.#safe.get(source) ?? new SafePositions(source.replay);
        this.#safe.set(source, positions);
        const needs = queries.map((query) => ({ ...query, sources: new Set(query.sources) }));
        const ranges = taken.ranges.filter((range) => range.source === source.name);
        const partitions = taken.partitions.filter((partition) => partition.source === source.name);
        return [source, positions.after(ranges, partitions, needs, (stored) => resumePoint(stored).position)];
      })
      .filter(([, positions]) => positions.size > 0);
  }
}
