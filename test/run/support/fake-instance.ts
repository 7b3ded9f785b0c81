import type { Batch, FixedColumn, StringColumn } from '../../../connectors/batch.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import type { QueryProgram } from '../../../engine/compile/program.ts';
import { QueryFailure, type QueryInstance } from '../../../engine/compile/query-instance.ts';
import { isValid } from '../../../engine/run/batch/validity.ts';
import { batchOf, type FakeOperation, type Row } from './definitions.ts';

/** A query in plain JavaScript, with the contract of a compiled one. */
export async function instantiate(program: QueryProgram): Promise<QueryInstance> {
  const operation = JSON.parse(program.source) as FakeOperation;
  return operation.kind === 'tumble' ? new Tumble(BigInt(operation.sizeMs) * 1000n) : new Pass(operation.above, operation.failsAt ?? null);
}

function readRows(batch: Batch): { micros: bigint | null; key: string; value: number }[] {
  const [ts, key, value] = batch.columns as [FixedColumn, StringColumn, FixedColumn];
  return Array.from({ length: batch.rows }, (_, row) => ({
    micros: isValid(ts.validity, row) ? (ts.data[row] as bigint) : null,
    key: key.dictionary.text(key.codes[row] as number),
    value: Number(value.data[row]),
  }));
}

class Tumble implements QueryInstance {
  readonly #size: bigint;
  readonly #windows = new Map<bigint, Map<string, { rows: bigint; value: number }>>();
  readonly #out: Batch[] = [];
  #resumed: bigint | null = null;
  #closed: bigint | null = null;
  #in = 0;
  #filtered = 0;
  #made = 0;

  constructor(size: bigint) {
    this.#size = size;
  }

  push(_input: number, batch: Batch): void {
    for (const { micros, key, value } of readRows(batch)) {
      this.#in++;
      if (micros === null) {
        this.#filtered++;
        continue;
      }
      const start = micros - (((micros % this.#size) + this.#size) % this.#size);
      if (this.#resumed !== null && start + this.#size <= this.#resumed) continue;
      if (this.#closed !== null && start + this.#size <= this.#closed) throw new Error(`row at ${micros} falls into a closed window`);
      const window = this.#windows.get(start) ?? new Map<string, { rows: bigint; value: number }>();
      this.#windows.set(start, window);
      const sum = window.get(key) ?? { rows: 0n, value: 0 };
      window.set(key, { rows: sum.rows + 1n, value: sum.value + value });
    }
  }

  replace(): void {}

  advance(watermark: bigint): void {
    this.#closed = watermark;
    for (const [start, window] of [...this.#windows].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
      if (start + this.#size > watermark) continue;
      this.#windows.delete(start);
      this.#out.push(this.#emit(start, [...window]));
      this.#made += window.size;
    }
  }

  #emit(start: bigint, groups: readonly [string, { rows: bigint; value: number }][]): Batch {
    const dictionary = new StringDictionary();
    const rows = groups.length;
    const time = (value: bigint): FixedColumn => ({
      kind: 'fixed',
      type: { kind: 'timestamp' },
      data: new BigInt64Array(rows).fill(value),
      validity: null,
    });
    return {
      rows,
      columns: [
        time(start),
        time(start + this.#size),
        {
          kind: 'string',
          type: { kind: 'varchar' },
          codes: Uint32Array.from(groups, ([key]) => dictionary.intern(key)),
          dictionary,
          validity: null,
        },
        { kind: 'fixed', type: { kind: 'double' }, data: Float64Array.from(groups, ([, sum]) => sum.value), validity: null },
        { kind: 'fixed', type: { kind: 'bigint' }, data: BigInt64Array.from(groups, ([, sum]) => sum.rows), validity: null },
      ],
    };
  }

  take(): Batch | null {
    return this.#out.shift() ?? null;
  }

  resumeFrom(watermark: bigint): void {
    this.#resumed = watermark;
  }

  oldestOpenStart(asked: bigint | null = null): bigint | null {
    let oldest = asked === null ? null : asked - this.#size;
    for (const start of this.#windows.keys()) if (oldest === null || start < oldest) oldest = start;
    return oldest;
  }

  counters() {
    return [
      { node: 0, rowsIn: this.#in, rowsOut: this.#in - this.#filtered, stateBytes: 0, stateRows: 0 },
      { node: 1, rowsIn: this.#in - this.#filtered, rowsOut: this.#made, stateBytes: 0, stateRows: this.#windows.size },
    ];
  }

  memoryBytes(): number {
    return 65536;
  }
}

class Pass implements QueryInstance {
  readonly #above: number;
  readonly #failsAt: number | null;
  readonly #out: Batch[] = [];
  #in = 0;
  #made = 0;

  constructor(above: number, failsAt: number | null) {
    this.#above = above;
    this.#failsAt = failsAt;
  }

  push(_input: number, batch: Batch): void {
    const rows = readRows(batch);
    this.#in += rows.length;
    if (this.#failsAt !== null && this.#in >= this.#failsAt) throw new QueryFailure('memory limit', 'more than it may');
    const kept = rows.filter((row) => row.value > this.#above);
    this.#made += kept.length;
    this.#out.push(batchOf(kept.map(({ micros, key, value }): Row => [micros === null ? null : Number(micros / 1000n), key, value])));
  }

  replace(): void {}

  advance(): void {}

  take(): Batch | null {
    return this.#out.shift() ?? null;
  }

  resumeFrom(): void {}

  oldestOpenStart(asked: bigint | null = null): bigint | null {
    return asked;
  }

  counters() {
    return [{ node: 0, rowsIn: this.#in, rowsOut: this.#made, stateBytes: 0, stateRows: 0 }];
  }

  memoryBytes(): number {
    return 65536;
  }
}
