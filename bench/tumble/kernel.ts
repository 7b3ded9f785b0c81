import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateKernel } from '../../engine/compile/instance.ts';
import type { KernelExports } from '../../engine/compile/kernel-exports.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { emptyGroups, type Groups } from './groups.ts';
import { latenessMicros, type Rows, windowMicros } from './rows.ts';

const batchRows = 8192;
const memoryBytesMax = 2 ** 32;

export const columnsSql = 'ts TIMESTAMP NOT NULL, k BIGINT NOT NULL, v DOUBLE NOT NULL, kind INTEGER NOT NULL';
export const querySql = `WITH filtered AS (SELECT * FROM t WHERE v > 10 AND kind = 2)
SELECT window_start, k, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high
FROM tumble(filtered, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k`;

export async function compileTumble(): Promise<QueryProgram> {
  const text = `CREATE TABLE t (${columnsSql}) WITH (connector = rows, event_time = ts, max_lateness = '${latenessMicros} us');\nCREATE MATERIALIZED VIEW q AS ${querySql};`;
  const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
  const { catalog, diagnostics } = await loadCatalog([{ path: 'tumble.sql', text }], { connectors: connectors as never });
  const query = catalog.queries[0];
  if (query === undefined) throw new Error(diagnostics[0]?.message);
  // From the second run on no compiler runs beside what is measured.
  const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-bench-kernels') });
  try {
    return await compiler.compile(query);
  } finally {
    await compiler.close();
  }
}

/**
 * The generated kernel, in the steady state of a stream: one instance, whose memory is reused, sees the same rows again and again at
 * ever later times. `copied`: each batch is first copied into the module's buffers, as the engine does; otherwise the columns
 * lie in its memory from the start.
 */
export class KernelRun {
  readonly #program: QueryProgram;
  readonly #rows: Rows;
  readonly #columns: readonly { bytes: Uint8Array; width: number; entry: number }[];
  readonly #copied: boolean;
  readonly #times: BigInt64Array<ArrayBuffer>;
  #kernel: KernelExports | null = null;
  #addresses: number[] = [];

  constructor(program: QueryProgram, rows: Rows, copied: boolean) {
    this.#program = program;
    this.#rows = rows;
    this.#copied = copied;
    this.#times = rows.ts.slice();
    const arrays = { ts: this.#times, k: rows.key, v: rows.v, kind: rows.kind };
    this.#columns = (program.inputs[0]?.columns ?? []).map((name, index) => {
      const array = arrays[name as keyof typeof arrays];
      return { bytes: new Uint8Array(array.buffer), width: array.BYTES_PER_ELEMENT, entry: index * 2 };
    });
  }

  /** Moves the rows to later times; the first call makes the instance and lays out its columns. */
  async prepare(): Promise<void> {
    if (this.#kernel === null) await this.#start();
    else {
      const { count } = this.#rows;
      const span = ((this.#times[count - 1] as bigint) - (this.#times[0] as bigint)) / windowMicros + 2n;
      for (let row = 0; row < count; row++) this.#times[row] = (this.#times[row] as bigint) + span * windowMicros;
    }
    const { memory } = this.#kernel as KernelExports;
    if (this.#copied) return;
    for (const [k, { bytes }] of this.#columns.entries()) new Uint8Array(memory.buffer).set(bytes, this.#addresses[k]);
  }

  async #start(): Promise<void> {
    const kernel = await instantiateKernel(this.#program, { memoryBytesMax });
    this.#kernel = kernel;
    this.#addresses = this.#columns.map(({ bytes, width, entry }) => {
      const size = this.#copied ? batchRows * width : bytes.length;
      return kernel.ensureBuffer((kernel.inputs.value >>> 0) + entry * 8, size) >>> 0;
    });
  }

  run(keep: boolean): Groups {
    const kernel = this.#kernel as KernelExports;
    const groups = emptyGroups(keep ? this.#rows.count : 0);
    const outputs = [0, 1, 2, 3, 4, 5].map((k) => kernel.outputAddress(k * 2) >>> 0);
    const inputs = (kernel.inputs.value >>> 0) / 4;
    for (let from = 0; from < this.#rows.count; from += batchRows) {
      const count = Math.min(batchRows, this.#rows.count - from);
      if (this.#copied) {
        const memory = new Uint8Array(kernel.memory.buffer);
        for (const [k, { bytes, width }] of this.#columns.entries()) {
          memory.set(bytes.subarray(from * width, (from + count) * width), this.#addresses[k]);
        }
      } else {
        const words = new Uint32Array(kernel.memory.buffer);
        this.#columns.forEach(({ width, entry }, k) => {
          words[inputs + entry * 2] = (this.#addresses[k] as number) + from * width;
        });
      }
      kernel.push(0, count);
      kernel.advance((this.#times[from + count - 1] as bigint) - latenessMicros);
      this.#drain(kernel, outputs, groups, keep);
    }
    kernel.advance((this.#times[this.#rows.count - 1] as bigint) + windowMicros);
    this.#drain(kernel, outputs, groups, keep);
    return groups;
  }

  #drain(kernel: KernelExports, outputs: readonly number[], groups: Groups, keep: boolean): void {
    for (let count = kernel.step(); count > 0; count = kernel.step()) {
      if (keep) {
        const { buffer } = kernel.memory;
        const targets = [groups.window, groups.key, groups.rows, groups.sum, groups.low, groups.high];
        targets.forEach((target, k) => {
          const view =
            k < 3 ? new BigInt64Array(buffer, outputs[k] as number, count) : new Float64Array(buffer, outputs[k] as number, count);
          (target as BigInt64Array).set(view as BigInt64Array, groups.count);
        });
      }
      groups.count += count;
    }
  }
}
