import type { RuntimeStatus } from '../run/runtime-status.ts';

/** Samples are kept this far apart (ms) ... */
const spacingMs = 1_000;
/** ... and this long (ms). */
const keptMs = 11_000;
/** Input comes steadily; results come in bursts when windows close, so their rate is taken over longer. */
export const inputRateMs = 3_000;
export const outputRateMs = 10_000;

/** The newest status, and those of the last seconds to take rates from. */
export class Samples {
  #kept: RuntimeStatus[] = [];
  #latest: RuntimeStatus | null = null;

  add(status: RuntimeStatus): void {
    this.#latest = status;
    const newest = this.#kept.at(-1);
    if (newest !== undefined && status.now - newest.now < spacingMs && status.now >= newest.now) return;
    this.#kept.push(status);
    this.#kept = this.#kept.filter((each) => status.now - each.now <= keptMs && each.now <= status.now);
  }

  get latest(): RuntimeStatus {
    if (this.#latest === null) throw new Error('no status has been sampled yet');
    return this.#latest;
  }

  /** Growth a second of a running total over the last `windowMs`; null while there is nothing to compare with. */
  rate(total: (status: RuntimeStatus) => number | undefined, windowMs: number): number | null {
    const { latest } = this;
    const to = total(latest);
    if (to === undefined) return null;
    const since = latest.now - windowMs;
    let base: RuntimeStatus | undefined;
    for (const each of this.#kept) {
      if (each === latest || total(each) === undefined) continue;
      if (base === undefined || each.now <= since) base = each;
    }
    if (base === undefined || latest.now <= base.now) return null;
    return Math.max(0, ((to - (total(base) as number)) * 1000) / (latest.now - base.now));
  }
}
