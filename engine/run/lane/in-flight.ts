import type { Position } from '../../../connectors/connector.ts';
import type { WireEpoch } from './protocol.ts';
import { resumePoint } from './resume-point.ts';
import { SafePositions } from './safe-positions.ts';
import type { SourceRunner } from './source-runner.ts';

/** Epochs that a lane has handed over and the store has not yet committed: at most so many ... */
export const epochsInFlightMax = 2;
/** ... and no further one while they hold more than these bytes. */
export const bytesInFlightMax = 128 << 20;

type Acknowledgement = readonly [SourceRunner, ReadonlyMap<string, Position>];

/** Epochs under way to the store. When it is full, the lane takes no more rows. */
export class InFlight {
  readonly #epochs = new Map<number, { readonly bytes: number; readonly safe: readonly Acknowledgement[] }>();
  readonly #safe = new Map<SourceRunner, SafePositions>();
  #bytes = 0;

  get empty(): boolean {
    return this.#epochs.size === 0;
  }

  get full(): boolean {
    return this.#epochs.size >= epochsInFlightMax || this.#bytes >= bytesInFlightMax;
  }

  add(commit: WireEpoch, bytes: number, sources: readonly SourceRunner[]): void {
    const safe = sources.map((source): Acknowledgement => {
      const positions = this.#safe.get(source) ?? new SafePositions(source.setup.replay);
      this.#safe.set(source, positions);
      const needs = commit.queries.filter((query) => query.sources?.includes(source.name)).map((query) => query.oldestOpenStart);
      const ranges = commit.ranges.filter((range) => range.source === source.name);
      const partitions = commit.partitions.filter((partition) => partition.source === source.name);
      return [source, positions.after(ranges, partitions, needs, (stored) => resumePoint(stored).position)];
    });
    this.#epochs.set(commit.epoch, { bytes, safe });
    this.#bytes += bytes;
  }

  /** What each source may forget now. */
  committed(epoch: number): readonly Acknowledgement[] {
    const entry = this.#epochs.get(epoch);
    if (entry === undefined) return [];
    this.#epochs.delete(epoch);
    this.#bytes -= entry.bytes;
    return entry.safe.filter(([, positions]) => positions.size > 0);
  }
}
