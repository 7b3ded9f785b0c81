import type { Span } from '../../diagnostic.ts';
import type { Facts } from '../time-fact.ts';

export interface InputFacts {
  readonly facts: Facts;
  /** False for lookup tables and constants: their rows end. */
  readonly stream: boolean;
}

export interface Bound {
  readonly bounded: boolean;
  /** Rows are put out once and never changed. */
  readonly final: boolean;
  readonly by: string;
  readonly reason: string;
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
  return { bounded: true, final, by: 'ttl', reason: `${kept} are forgotten ${ttlText(stateTtlMs)} after their last row` };
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
