import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateKernel } from '../../engine/compile/instance.ts';
import type { KernelExports } from '../../engine/compile/kernel-exports.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { emptyGroups, type Groups } from './groups.ts';
import type { Rows } from './rows.ts';

const batchRows = 8192;
const memoryBytesMax = 2 ** 32;

export const columnsSql = 'ts TIMESTAMP NOT NULL, k BIGINT NOT NULL, v DOUBLE NOT NULL, kind INTEGER NOT NULL';
export const querySql = `WITH filtered AS (SELECT * FROM t WHERE v > 10 AND kind = 2)
SELECT window_start, k, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high
FROM tumble(filtered, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k`;

export async function compileTumble(): Promise<QueryProgram> {
  const text = `CREATE TABLE t (${columnsSql}) WITH (connector = rows, event_time = ts, max_lateness = '1 s');\nCREATE MATERIALIZED VIEW q AS ${querySql};`;
  const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
  const { catalog, diagnostics } = await loadCatalog([{ path: 'tumble.sql', text }], { connectors: connectors as never });
  const query = catalog.queries[0];
  if (query === undefined) throw new Error(diagnostics[0]?.message);
  const compiler = new Compiler({ cacheDirectory: null });
  try {
    return await compiler.compile(query);
  } finally {
    await compiler.close();
  }
}

/**
 * The generated kernel. `copied`: each batch is first copied into the module's buffers, as the engine does; otherwise the columns
 * lie in its memory from the start.
 */
export class KernelRun {
  readonly #program: QueryProgram;
  readonly #rows: Rows;
  readonly #columns: readonly { bytes: Uint8Array; width: number; entry: number }[];
  #kernel: KernelExports | null = null;
  #addresses: number[] = [];

  constructor(program: QueryProgram, rows: Rows) {
    this.#program = program;
    this.#rows = rows;
    const arrays = { ts: rows.ts, k: rows.key, v: rows.v, kind: rows.kind };
    this.#columns = (program.inputs[0]?.columns ?? []).map((name, index) => {
      const array = arrays[name as keyof typeof arrays];
      return { bytes: new Uint8Array(array.buffer), width: array.BYTES_PER_ELEMENT, entry: index * 2 };
    });
  }

  /** A fresh module with, unless batches are copied, all columns in its memory. */
  async prepare(copied: boolean): Promise<void> {
    const kernel = await instantiateKernel(this.#program, { memoryBytesMax });
    this.#kernel = kernel;
    this.#addresses = this.#columns.map(({ bytes, width, entry }) => {
      const size = copied ? batchRows * width : bytes.length;
      return kernel.ensureBuffer((kernel.inputs.value >>> 0) + entry * 8, size) >>> 0;
    });
    if (copied) return;
    const memory = new Uint8Array(kernel.memory.buffer);
    this.#columns.forEach(({ bytes }, k) => memory.set(bytes, this.#addresses[k]));
  }

  run(copied: boolean, keep: boolean): Groups {
    const kernel = this.#kernel as KernelExports;
    const groups = emptyGroups(keep ? this.#rows.count : 0);
    const outputs = [0, 1, 2, 3, 4, 5].map((k) => kernel.outputAddress(k * 2) >>> 0);
    const inputs = (kernel.inputs.value >>> 0) / 4;
    for (let from = 0; from < this.#rows.count; from += batchRows) {
      const count = Math.min(batchRows, this.#rows.count - from);
      if (copied) {
        const memory = new Uint8Array(kernel.memory.buffer);
        this.#columns.forEach(({ bytes, width }, k) => memory.set(bytes.subarray(from * width, (from + count) * width), this.#addresses[k]));
      } else {
        const words = new Uint32Array(kernel.memory.buffer);
        this.#columns.forEach(({ width, entry }, k) => {
          words[inputs + entry * 2] = (this.#addresses[k] as number) + from * width;
        });
      }
      kernel.push(count);
      kernel.advance((this.#rows.ts[from + count - 1] as bigint) - 1_000_000n);
      this.#drain(kernel, outputs, groups, keep);
    }
    kernel.advance(1n << 60n);
    this.#drain(kernel, outputs, groups, keep);
    return groups;
  }

  #drain(kernel: KernelExports, outputs: readonly number[], groups: Groups, keep: boolean): void {
    for (let count = kernel.step(); count > 0; count = kernel.step()) {
      if (keep) {
        const { buffer } = kernel.memory;
        const targets = [groups.window, groups.key, groups.rows, groups.sum, groups.low, groups.high];
        targets.forEach((target, k) => {
          const view = k < 3 ? new BigInt64Array(buffer, outputs[k] as number, count) : new Float64Array(buffer, outputs[k] as number, count);
          (target as BigInt64Array).set(view as BigInt64Array, groups.count);
        });
      }
      groups.count += count;
    }
  }
}
