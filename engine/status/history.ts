import type { VitalHistory } from './shapes.ts';

/** Seconds that are kept. */
export const historySeconds = 120;

export const vitalNames = ['in', 'out', 'lag', 'late', 'state', 'cpu'] as const;
export type Vitals = Readonly<Record<(typeof vitalNames)[number], number | null>>;

/** The newest `historySeconds` values of each vital; NaN stands for none. */
export class History {
  readonly #times = new Float64Array(historySeconds);
  readonly #values = new Map(vitalNames.map((name) => [name, new Float64Array(historySeconds)]));
  #count = 0;

  push(time: number, vitals: Vitals): void {
    const at = this.#count++ % historySeconds;
    this.#times[at] = time;
    for (const name of vitalNames) this.#ring(name)[at] = vitals[name] ?? Number.NaN;
  }

  /** The newest `last` values, oldest first. */
  values(name: keyof Vitals, last = historySeconds): (number | null)[] {
    return this.#unroll(this.#ring(name), last).map((value) => (Number.isNaN(value) ? null : value));
  }

  all(): VitalHistory {
    const columns = Object.fromEntries(vitalNames.map((name) => [name, this.values(name)])) as Record<keyof Vitals, (number | null)[]>;
    return { t: this.#unroll(this.#times, historySeconds), ...columns };
  }

  #ring(name: keyof Vitals): Float64Array {
    return this.#values.get(name) as Float64Array;
  }

  #unroll(ring: Float64Array, last: number): number[] {
    const length = Math.min(this.#count, historySeconds, last);
    return Array.from({ length }, (_, index) => ring[(this.#count - length + index) % historySeconds] as number);
  }
}
