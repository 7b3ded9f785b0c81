/** Points are this far apart (ms), and so many are kept: two minutes. */
export const historyStepMs = 1_000;
export const historyPointsMax = 120;

/** The newest values of one number; null where there was none. */
export class Ring {
  readonly #values: Float64Array;
  #next = 0;
  #count = 0;

  constructor(capacity = historyPointsMax) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number | null): void {
    this.#values[this.#next] = value ?? Number.NaN;
    this.#next = (this.#next + 1) % this.#values.length;
    this.#count = Math.min(this.#count + 1, this.#values.length);
  }

  /** Oldest first, at most `last` of them. */
  values(last: number = this.#count): (number | null)[] {
    const count = Math.min(last, this.#count);
    const start = this.#next - count + this.#values.length;
    return Array.from({ length: count }, (_, index) => {
      const value = this.#values[(start + index) % this.#values.length] as number;
      return Number.isNaN(value) ? null : value;
    });
  }
}

const names = ['in', 'out', 'lag', 'late', 'state', 'cpu'] as const;
type VitalName = (typeof names)[number];

/** Vitals of the engine or of one query. */
export type Vitals = Readonly<Record<VitalName, number | null>>;

export class VitalsRings {
  readonly #rings = Object.fromEntries(names.map((name) => [name, new Ring()])) as Record<VitalName, Ring>;

  push(vitals: Vitals): void {
    for (const name of names) this.#rings[name].push(vitals[name]);
  }

  values(name: VitalName, last?: number): (number | null)[] {
    return this.#rings[name].values(last);
  }

  all(): Record<VitalName, (number | null)[]> {
    return Object.fromEntries(names.map((name) => [name, this.values(name)])) as Record<VitalName, (number | null)[]>;
  }
}

/** Four digits are more than anyone can see, and half the bytes. */
export function rounded(value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
