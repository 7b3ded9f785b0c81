import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateKernel } from '../../engine/compile/instance.ts';
import type { KernelExports } from '../../engine/compile/kernel-exports.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';

const batchRows = 8192;
const memoryBytesMax = 2 ** 32;

export const columnsSql = 'ts TIMESTAMP NOT NULL, k BIGINT NOT NULL, v DOUBLE NOT NULL';
export const querySql = `SELECT ts, k, count(*) OVER w AS n, sum(v) OVER w AS total, avg(v) OVER w AS mean, min(v) OVER w AS low, max(v) OVER w AS high
FROM t WINDOW w AS (PARTITION BY k ORDER BY ts ROWS 10 PRECEDING)`;

/** Rows in order of time, one a microsecond. */
export interface OverRows {
  readonly ts: BigInt64Array<ArrayBuffer>;
  readonly key: BigInt64Array<ArrayBuffer>;
  readonly v: Float64Array<ArrayBuffer>;
}

export function makeRows(count: number, keys: number): OverRows {
  const rows = { ts: new BigInt64Array(count), key: new BigInt64Array(count), v: new Float64Array(count) };
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let row = 0; row < count; row++) {
    rows.ts[row] = BigInt(row);
    rows.key[row] = BigInt(Math.floor(next() * keys));
    rows.v[row] = 10_000 + Math.round(next() * 1000) / 8;
  }
  return rows;
}

export async function compileOver(): Promise<QueryProgram> {
  const text = `CREATE TABLE t (${columnsSql}) WITH (connector = rows, event_time = ts, max_lateness = '0 s');\nCREATE MATERIALIZED VIEW q AS ${querySql};`;
  const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
  const { catalog, diagnostics } = await loadCatalog([{ path: 'over.sql', text }], { connectors: connectors as never });
  const query = catalog.queries[0];
  if (query === undefined) throw new Error(diagnostics[0]?.message);
  const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-bench-kernels') });
  try {
    return await compiler.compile(query);
  } finally {
    await compiler.close();
  }
}

/** The generated kernel over rows that lie in its memory: a batch, the watermark, its results, and so on; each pass at later times. */
export class OverRun {
  readonly #rows: OverRows;
  readonly #kernel: KernelExports;
  readonly #columns: readonly { bytes: Uint8Array; width: number; entry: number; address: number }[];
  #pass = 0n;

  private constructor(kernel: KernelExports, rows: OverRows, columns: readonly string[]) {
    this.#kernel = kernel;
    this.#rows = rows;
    const arrays = { ts: rows.ts, k: rows.key, v: rows.v };
    this.#columns = columns.map((name, index) => {
      const array = arrays[name as keyof typeof arrays];
      const bytes = new Uint8Array(array.buffer);
      const entry = (kernel.inputs.value >>> 0) + index * 16;
      return { bytes, width: array.BYTES_PER_ELEMENT, entry, address: kernel.ensureBuffer(entry, bytes.length) >>> 0 };
    });
  }

  static async create(program: QueryProgram, rows: OverRows): Promise<OverRun> {
    const kernel = await instantiateKernel(program, { memoryBytesMax });
    return new OverRun(kernel, rows, program.inputs[0]?.columns ?? []);
  }

  /** Before each run. */
  prepare(): void {
    const { ts } = this.#rows;
    const count = BigInt(ts.length);
    if (this.#pass > 0n) for (let row = 0; row < ts.length; row++) ts[row] = (ts[row] as bigint) + count;
    this.#pass++;
    for (const { bytes, address } of this.#columns) new Uint8Array(this.#kernel.memory.buffer).set(bytes, address);
  }

  /** All rows; returns how many came out. */
  run(): number {
    const kernel = this.#kernel;
    const { ts } = this.#rows;
    let out = 0;
    for (let from = 0; from < ts.length; from += batchRows) {
      const rows = Math.min(batchRows, ts.length - from);
      const addresses = new Uint32Array(kernel.memory.buffer);
      for (const { entry, address, width } of this.#columns) addresses[entry / 4] = address + from * width;
      kernel.push(0, rows);
      for (let got = kernel.step(); got !== 0; got = kernel.step()) out += got;
      kernel.advance((ts[from + rows - 1] as bigint) + 1n);
      for (let got = kernel.step(); got !== 0; got = kernel.step()) out += got;
    }
    return out;
  }

  stateBytes(node: number): number {
    return this.#kernel.stateBytes(node);
  }
}
