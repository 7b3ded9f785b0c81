import { type FaultPoint, faultPoints } from '../../connectors/fault-point.ts';
import type { Random } from '../connectors/random.ts';

/** What only a process by itself passes: its sinks spool and roll files, and its engine stores epochs. */
const onlyAlone = /^(epoch|sink|publish|roll|retention)_/;
/** What only a process of a group passes. */
const onlyGroup = /^(lane|results)_/;

/** The points that a run of so many processes can come to. */
export function pointsOf(processes: number): readonly FaultPoint[] {
  const never = processes === 1 ? onlyGroup : onlyAlone;
  return faultPoints.filter((point) => !never.test(point));
}

export interface Target {
  readonly point: FaultPoint;
  readonly count: number;
  /** Times that it was aimed at without a hit, since the last hit: it deserves more patience. */
  readonly missed: number;
}

/** Aims kills at the points that were hit least. */
export class Aim {
  readonly hits = new Map<FaultPoint, number>();
  readonly #points: readonly FaultPoint[];
  readonly #random: Random;
  readonly #tries = new Map<FaultPoint, number>();
  readonly #missed = new Map<FaultPoint, number>();

  constructor(points: readonly FaultPoint[], random: Random) {
    this.#points = points;
    this.#random = random;
  }

  next(): Target {
    const order = [...this.#points].sort((a, b) => this.#rank(a) - this.#rank(b));
    const least = order.filter((point) => this.#rank(point) === this.#rank(order[0] as FaultPoint));
    const point = this.#random.pick(least);
    this.#tries.set(point, (this.#tries.get(point) ?? 0) + 1);
    // Not always the first time; a process replays only once, and what was never hit shall be.
    const count = point.startsWith('replay') || !this.hits.has(point) ? 1 : 1 + this.#random.below(3);
    return { point, count, missed: this.#missed.get(point) ?? 0 };
  }

  hit(point: FaultPoint): void {
    this.hits.set(point, (this.hits.get(point) ?? 0) + 1);
    this.#missed.delete(point);
  }

  miss(point: FaultPoint): void {
    this.#missed.set(point, (this.#missed.get(point) ?? 0) + 1);
  }

  get never(): readonly FaultPoint[] {
    return this.#points.filter((point) => !this.hits.has(point));
  }

  /** What is never hit must not take every kill. */
  #rank(point: FaultPoint): number {
    return (this.hits.get(point) ?? 0) + Math.floor((this.#tries.get(point) ?? 0) / 2);
  }
}
