import { instantiateKernel } from '../../../engine/compile/instance.ts';
import type { KernelExports } from '../../../engine/compile/kernel-exports.ts';
import { columnsSql } from '../../operators/rows.ts';
import { compileCase } from '../../operators/kernel.ts';

const batchRows = 8192;
const memoryBytesMax = 2 ** 32;
const stepMicros = 1000n;
const startMicros = 1_700_000_000_000_000n;

/** Series whose rows come in turn: row n is of series n % `series`. */
export interface TurningRows {
  readonly values: Float64Array<ArrayBuffer>;
  readonly series: number;
}

interface InputColumn {
  readonly bytes: Uint8Array;
  /** Of the table of inputs, in bytes, and where the column lies. */
  readonly entry: number;
  readonly address: number;
}

/**
 * The generated kernel of SELECT ... OVER (PARTITION BY k ORDER BY ts ROWS ...) over rows in its memory: a batch, the watermark, its
 * results, and so on. Each pass is at later times.
 */
export class OverQuery {
  readonly #kernel: KernelExports;
  readonly #columns: number;
  readonly #rows: number;
  readonly #times: BigInt64Array<ArrayBuffer>;
  readonly #inputs: readonly InputColumn[];
  #first = true;

  private constructor(kernel: KernelExports, columns: number, times: BigInt64Array<ArrayBuffer>, inputs: readonly InputColumn[]) {
    this.#kernel = kernel;
    this.#columns = columns;
    this.#rows = times.length;
    this.#times = times;
    this.#inputs = inputs;
  }

  /** `calls`: each gives a DOUBLE. `window`: what follows ORDER BY ts. */
  static async create({ values, series }: TurningRows, calls: readonly string[], window: string): Promise<OverQuery> {
    const results = calls.map((call, k) => `${call} OVER w AS r${k}`).join(', ');
    const sql = `SELECT ts, k, ${results} FROM t WINDOW w AS (PARTITION BY k ORDER BY ts ${window})`;
    const inputs = { t: { count: values.length, keys: series, seed: 1, step: 1, jitter: 0 } };
    const program = await compileCase({ name: 'over', sql, inputs, latenessMicros: 0, doubles: [], integers: [], columns: [] });
    const kernel = await instantiateKernel(program, { memoryBytesMax, seed: [0x1234567n, 0x89abcden] });
    const [input] = program.inputs;
    if (input === undefined) throw new Error(`no input for ${columnsSql}`);
    const ts = BigInt64Array.from(values, (_, row) => startMicros + BigInt(row) * stepMicros);
    const arrays = { ts, k: BigInt64Array.from(values, (_, row) => BigInt(row % series)), v: values };
    const columns = input.columns.map((name, column) => {
      const array = arrays[name as keyof typeof arrays];
      const entry = ((input.firstBuffer ?? 0) + column * 2) * 8;
      const address = kernel.ensureBuffer((kernel.inputs.value >>> 0) + entry, array.byteLength) >>> 0;
      return { bytes: new Uint8Array(array.buffer), entry, address };
    });
    return new OverQuery(kernel, calls.length, ts, columns);
  }

  /** Before each run: rows at later times, in the kernel's memory. */
  prepare(): void {
    const span = BigInt(this.#rows) * stepMicros;
    if (!this.#first) for (let row = 0; row < this.#rows; row++) this.#times[row] = (this.#times[row] as bigint) + 2n * span;
    this.#first = false;
    const memory = new Uint8Array(this.#kernel.memory.buffer);
    for (const { bytes, address } of this.#inputs) memory.set(bytes, address);
  }

  /** `results`: where each call's result of each row goes, call by call, NaN for NULL; null: they stay in the kernel. */
  run(results: Float64Array | null): void {
    const kernel = this.#kernel;
    let done = 0;
    const drain = (): void => {
      for (let rows = kernel.step(); rows > 0; rows = kernel.step()) {
        if (results !== null) this.#take(results, done, rows);
        done += rows;
      }
    };
    for (let from = 0; from < this.#rows; from += batchRows) {
      const count = Math.min(batchRows, this.#rows - from);
      const words = new Uint32Array(kernel.memory.buffer);
      for (const { address, entry } of this.#inputs) words[((kernel.inputs.value >>> 0) + entry) / 4] = address + from * 8;
      kernel.push(0, count);
      drain();
      kernel.advance((this.#times[from + count - 1] as bigint) + 2_000n);
      drain();
    }
    if (done !== this.#rows) throw new Error(`${done} rows came out, not ${this.#rows}`);
  }

  #take(results: Float64Array, done: number, rows: number): void {
    const { buffer } = this.#kernel.memory;
    for (let call = 0; call < this.#columns; call++) {
      const column = (call + 2) * 2;
      const values = new Float64Array(buffer, this.#kernel.outputAddress(column) >>> 0, rows);
      const at = call * this.#rows + done;
      results.set(values, at);
      const validity = this.#kernel.outputAddress(column + 1) >>> 0;
      if (validity === 0) continue;
      const bits = new Uint8Array(buffer, validity, (rows + 7) >> 3);
      for (let row = 0; row < rows; row++) if ((((bits[row >> 3] as number) >> (row & 7)) & 1) === 0) results[at + row] = Number.NaN;
    }
  }
}
