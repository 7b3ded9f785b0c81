import type { Span } from '../../diagnostic.ts';
import type { Facts } from '../time-fact.ts';

export interface InputFacts {
  readonly facts: Facts;
  /** False for lookup tables and constants: their rows end. */
  readonly stream: boolean;
}

export interface Bound {
  readonly bounded: boolean;
  /** Rows are put out once and never changed, as long as the inputs' are not. */
  readonly final: boolean;
  /** Rows wait until the watermark makes them final, although what they are so far is known before: they can be put out early. */
  readonly waits?: boolean;
  /** By the time a row is put out as final its input changes no more. */
  readonly settles?: boolean;
  readonly by: string;
  readonly reason: string;
  /** Why rows that were put out may have to be changed, when they are not final. */
  readonly changing?: string;
  /** What would bound it, when it is not. */
  readonly remedy?: string;
  readonly span?: Span;
}

export interface Bounded {
  readonly output: InputFacts;
  readonly bound: Bound;
}

/** State that nothing but `state_ttl` bounds. */
export function byTtl(stateTtlMs: number | null, final: boolean, kept: string, otherwise: Omit<Bound, 'bounded' | 'final' | 'by'>): Bound {
  if (stateTtlMs === null) return { ...otherwise, bounded: false, final, by: 'nothing' };
  const { changing } = otherwise;
  const reason = `${kept} are forgotten ${ttlText(stateTtlMs)} after their last row`;
  return { bounded: true, final, by: 'ttl', reason, ...(changing === undefined ? {} : { changing }) };
}

function ttlText(milliseconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (milliseconds % size === 0) return `${milliseconds / size} ${unit}`;
  }
  return `${milliseconds} ms`;
}
