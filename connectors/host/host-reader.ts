import type { Idle, OpenContext, PartitionEnd, Polled, RejectedRow, SourceReader } from '../connector.ts';
import { type Row, RowColumns } from './row-columns.ts';

/** How long the first sample is waited for at most, since shares need two readings. */
const firstSampleMs = 1000;

export interface Gathered {
  readonly rows: readonly Row[];
  /** Parts of the machine that could not be read. */
  readonly faults: readonly { readonly part: string; readonly reason: string }[];
}

/** Samples the machine at an interval. Each part that cannot be read is reported when it first fails, as a rejected row. */
export class HostReader implements SourceReader {
  readonly partitions = ['0'];
  readonly #context: OpenContext;
  readonly #intervalMs: number;
  readonly #gather: (now: number) => Promise<Gathered>;
  readonly #columns: RowColumns;
  readonly #reported = new Set<string>();
  #nextAt: number;
  #samples = 0;

  /** `gather` has been called once, so that shares and increases have their base. */
  constructor(context: OpenContext, intervalMs: number, gather: (now: number) => Promise<Gathered>) {
    this.#context = context;
    this.#intervalMs = intervalMs;
    this.#gather = gather;
    this.#columns = new RowColumns(context.needed.map((index) => context.columns[index]!));
    this.#nextAt = context.clock.now() + Math.min(intervalMs, firstSampleMs);
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    const now = this.#context.clock.now();
    if (now < this.#nextAt) return { idle: true, retryAt: this.#nextAt };
    this.#nextAt += this.#intervalMs;
    // Samples missed while the machine slept or was too busy are not made up.
    if (this.#nextAt <= now) this.#nextAt = now + this.#intervalMs;
    const { rows, faults } = await this.#gather(now);
    const rejected = this.#rejected(faults);
    if (rows.length === 0 && rejected.length === 0) return { idle: true, retryAt: this.#nextAt };
    const from = this.#samples++;
    return { partition: '0', batch: this.#columns.batch(rows), from, to: from + 1, rejected };
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {}

  #rejected(faults: Gathered['faults']): readonly RejectedRow[] {
    return faults.flatMap(({ part, reason }): RejectedRow[] => {
      if (this.#reported.has(part)) return [];
      this.#reported.add(part);
      return [{ reason: `cannot read ${part}: ${reason}`, field: null, at: `${part} of this machine`, bytes: new Uint8Array(0) }];
    });
  }
}
