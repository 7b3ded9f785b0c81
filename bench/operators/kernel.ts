import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateKernel } from '../../engine/compile/instance.ts';
import type { KernelExports } from '../../engine/compile/kernel-exports.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import type { OperatorCase } from './cases.ts';
import { addRows, type Digest, emptyDigest } from './digest.ts';
import { columnsSql, type InputRows } from './rows.ts';

const batchRows = 8192;
const memoryBytesMax = 2 ** 32;
/** Later than any window or interval of the cases can end. */
const horizonMicros = 10_000_000_000_000n;

/** The case's query as a view over tables of a connector that nothing reads. */
export async function compileCase(each: OperatorCase): Promise<QueryProgram> {
  const streamed = `event_time = ts, max_lateness = '${Math.ceil(each.latenessMicros / 1000) + 1} ms'`;
  const tables = Object.keys(each.inputs).map(
    (name) => `CREATE TABLE ${name} (${columnsSql}) WITH (connector = rows, ${each.lookups?.includes(name) ? 'kind = lookup' : streamed});`,
  );
  const text = [...tables, `CREATE MATERIALIZED VIEW q AS ${each.sql};`].join('\n');
  const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
  const { catalog, diagnostics } = await loadCatalog([{ path: 'case.sql', text }], { connectors: connectors as never });
  const query = catalog.queries[0];
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (query === undefined || error !== undefined) throw new Error(error?.message ?? 'no query');
  // From the second run on no compiler runs beside what is measured.
  const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-bench-kernels') });
  try {
    return await compiler.compile(query);
  } finally {
    await compiler.close();
  }
}

interface Input {
  readonly index: number;
  readonly lookup: boolean;
  readonly rows: InputRows;
  readonly times: BigInt64Array<ArrayBuffer>;
  readonly columns: readonly { readonly bytes: Uint8Array; readonly entry: number; address: number }[];
}

export interface RunResult {
  readonly digest: Digest;
  /** Longest call of the kernel, in milliseconds of CPU time. */
  readonly longestMs: number;
}

/**
 * The generated kernel alone, its rows in its memory. One instance sees the same rows again and again at ever later times. Inputs take
 * turns by batches; after each turn the watermark follows the input that is furthest behind.
 */
export class OperatorRun {
  readonly #case: OperatorCase;
  readonly #kernel: KernelExports;
  readonly #inputs: readonly Input[];
  #first = true;

  private constructor(each: OperatorCase, kernel: KernelExports, inputs: readonly Input[]) {
    this.#case = each;
    this.#kernel = kernel;
    this.#inputs = inputs;
  }

  static async create(each: OperatorCase, program: QueryProgram, tables: ReadonlyMap<string, InputRows>): Promise<OperatorRun> {
    const kernel = await instantiateKernel(program, { memoryBytesMax, seed: [0x1234567n, 0x89abcden] });
    const inputs = program.inputs.map((input, index) => {
      const rows = tables.get(input.table) as InputRows;
      const times = rows.ts.slice();
      const arrays = { ts: times, k: rows.k, v: rows.v };
      const columns = input.columns.map((name, column) => {
        const array = arrays[name as keyof typeof arrays];
        const entry = ((input.firstBuffer ?? 0) + column * 2) * 8;
        return { bytes: new Uint8Array(array.buffer), entry, address: 0 };
      });
      return { index, lookup: each.lookups?.includes(input.table) ?? false, rows, times, columns };
    });
    for (const { columns } of inputs) {
      for (const column of columns)
        column.address = kernel.ensureBuffer((kernel.inputs.value >>> 0) + column.entry, column.bytes.length) >>> 0;
    }
    return new OperatorRun(each, kernel, inputs);
  }

  /** Moves the rows to later times and into the kernel's memory; loads what is looked up. */
  prepare(): void {
    for (const { times, columns } of this.#inputs) {
      if (!this.#first) for (let row = 0; row < times.length; row++) times[row] = (times[row] as bigint) + 2n * horizonMicros;
      const memory = new Uint8Array(this.#kernel.memory.buffer);
      for (const { bytes, address } of columns) memory.set(bytes, address);
    }
    this.#first = false;
    for (const input of this.#inputs) if (input.lookup) this.#load(input);
  }

  #load(input: Input): void {
    this.#kernel.clear(input.index);
    for (let from = 0; from < input.rows.count; from += batchRows) {
      this.#push(input, from, Math.min(batchRows, input.rows.count - from));
      this.#kernel.step();
    }
  }

  #push({ index, columns }: Input, from: number, count: number): void {
    const entries = (this.#kernel.inputs.value >>> 0) / 4;
    const words = new Uint32Array(this.#kernel.memory.buffer);
    for (const { address, entry } of columns) words[entries + entry / 4] = address + from * 8;
    this.#kernel.push(index, count);
  }

  /** `keep`: the digest of what comes out; otherwise only its rows are counted. */
  run(keep: boolean): RunResult {
    const kernel = this.#kernel;
    const { integers, doubles, latenessMicros } = this.#case;
    const digest = emptyDigest(doubles.length);
    let longestMs = 0;
    const timed = (work: () => number): number => {
      const before = process.threadCpuUsage();
      const result = work();
      const { user, system } = process.threadCpuUsage(before);
      longestMs = Math.max(longestMs, (user + system) / 1000);
      return result;
    };
    const drain = (): void => {
      for (let rows = timed(() => kernel.step()); rows > 0; rows = timed(() => kernel.step())) {
        if (keep) this.#keep(digest, rows, integers.length);
        else digest.rows += rows;
      }
    };
    const streams = this.#inputs.filter(({ lookup }) => !lookup);
    let latest = 0n;
    for (let from = 0; from < Math.max(...streams.map(({ rows }) => rows.count)); from += batchRows) {
      let reached: bigint | null = null;
      for (const input of streams) {
        const { times, rows } = input;
        const count = Math.min(batchRows, rows.count - from);
        if (count <= 0) continue;
        timed(() => {
          this.#push(input, from, count);
          return 0;
        });
        drain();
        let last = times[from] as bigint;
        for (let row = from; row < from + count; row += latenessMicros === 0 ? count - 1 || 1 : 1)
          if ((times[row] as bigint) > last) last = times[row] as bigint;
        if (reached === null || last < reached) reached = last;
      }
      if (reached !== null && reached > latest) latest = reached;
      timed(() => {
        kernel.advance(latest - BigInt(latenessMicros));
        return 0;
      });
      drain();
    }
    timed(() => {
      kernel.advance(latest + horizonMicros);
      return 0;
    });
    drain();
    return { digest, longestMs };
  }

  #keep(digest: Digest, rows: number, integers: number): void {
    const { buffer } = this.#kernel.memory;
    const names = [...this.#case.integers, ...this.#case.doubles];
    const addresses = names.map((_, k) => this.#kernel.outputAddress(this.#case.columns.indexOf(names[k] as string) * 2) >>> 0);
    addRows(
      digest,
      rows,
      addresses.slice(0, integers).map((address) => new BigInt64Array(buffer, address, rows)),
      addresses.slice(integers).map((address) => new Float64Array(buffer, address, rows)),
    );
  }
}
