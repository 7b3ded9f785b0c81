import type { RuntimeStatus } from '../run/runtime-status.ts';

export interface RatesNow {
  /** Rows a second. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly late: number;
  readonly rejected: number;
  /** Cores busy. */
  readonly cpu: number;
}

const halfLifeMs = 2_000;

/** Rates of change of the totals, smoothed so that a line in the terminal can be read. */
export class Rates {
  #last: RuntimeStatus | null = null;
  #now: RatesNow = { rowsIn: 0, rowsOut: 0, late: 0, rejected: 0, cpu: 0 };

  update(status: RuntimeStatus): RatesNow {
    const last = this.#last;
    this.#last = status;
    const seconds = last === null ? 0 : (status.now - last.now) / 1000;
    if (last === null || seconds <= 0) return this.#now;
    const keep = 0.5 ** ((seconds * 1000) / halfLifeMs);
    const blend = (before: number, change: number) => before * keep + Math.max(0, change / seconds) * (1 - keep);
    const change = (total: (of: RuntimeStatus) => number) => total(status) - total(last);
    this.#now = {
      rowsIn: blend(this.#now.rowsIn, change(sourceTotal('rows'))),
      rowsOut: blend(this.#now.rowsOut, change(outTotal)),
      late: blend(this.#now.late, change(sourceTotal('late'))),
      rejected: blend(this.#now.rejected, change(sourceTotal('rejected'))),
      cpu: blend(
        this.#now.cpu,
        change((of) => of.process.cpuSeconds),
      ),
    };
    return this.#now;
  }
}

function sourceTotal(counter: 'rows' | 'late' | 'rejected'): (status: RuntimeStatus) => number {
  return (status) => Object.values(status.sources).reduce((sum, source) => sum + source[counter], 0);
}

function outTotal(status: RuntimeStatus): number {
  return Object.values(status.queries).reduce((sum, query) => sum + query.rowsOut, 0);
}
