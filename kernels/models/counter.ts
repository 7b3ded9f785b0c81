export interface CounterStep {
  /** Since the row before; after a reset the counter began at 0. */
  readonly increase: number;
  /** A second; null within the same microsecond. */
  readonly rate: number | null;
}

/** A counter that only goes up, until its process starts again: what it went up by since the row before. */
export class Counter {
  #last: { value: number; micros: bigint } | null = null;

  /** null for a gap and for the first row. A gap does not end what is counted: the next row says all of it. */
  step(value: number | null, micros: bigint): CounterStep | null {
    if (value === null || !Number.isFinite(value)) return null;
    const before = this.#last;
    this.#last = { value, micros };
    if (before === null) return null;
    const increase = value >= before.value ? value - before.value : value;
    const passed = Number(micros - before.micros);
    return { increase, rate: passed > 0 ? (increase * 1e6) / passed : null };
  }
}
