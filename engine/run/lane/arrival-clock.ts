import type { LaneSetup } from './protocol.ts';

/** Rows that come in within this time (ms) get one time of arrival. */
const stepMs = 100;

export function arrivalStep(now: number): number {
  return Math.floor(now / stepMs) * stepMs;
}

/**
 * Time of arrival in one lane: what rows that come in now get. It never goes back, nor behind what queries over arrival had reached
 * before a restart, so that it is the watermark of these queries too.
 */
export class ArrivalClock {
  /** Milliseconds since 1970. */
  ms: number;

  constructor(begin: number) {
    this.ms = begin;
  }

  /** Of a lane that goes on where it stopped. */
  static resume({ sources, queries }: LaneSetup): ArrivalClock {
    const given = sources.flatMap((source) => source.resume.map(({ point }) => point.arrival));
    const reached = queries.flatMap(({ definition, watermark }) =>
      definition.clock === 'arrival' && watermark !== null ? [Math.ceil(Number(watermark) / 1000)] : [],
    );
    return new ArrivalClock([...given, ...reached].reduce((most, each) => Math.max(most, each), 0));
  }

  tick(now: number): void {
    this.ms = Math.max(this.ms, arrivalStep(now));
  }

  get micros(): bigint {
    return BigInt(this.ms) * 1000n;
  }
}
