import { randomBytes } from 'node:crypto';
import type { Batch } from '../../connectors/batch.ts';
import { batchRowsMax } from '../../connectors/batch.ts';
import { DictionaryTranslations } from './dictionary-translations.ts';
import { expressionImports } from './expression/host.ts';
import { functionImports } from './user-functions/function-host.ts';
import { exportGlobals } from './image/export-globals.ts';
import { captureGlobals, captureMemory, type InstanceImage, restoreKernel } from './image/instance-image.ts';
import { InputWriter } from './input-writer.ts';
import { type KernelExports, KernelMemory } from './kernel-exports.ts';
import { OutputReader } from './output-reader.ts';
import type { OperatorCounters, QueryProgram } from './program.ts';
import { QueryFailure, type QueryInstance } from './query-instance.ts';

const pageBytes = 65536;
const pagesMax = 65536;
const noOpenState = (1n << 63n) - 1n;

export interface InstanceOptions {
  /** Limit of the query's linear memory. */
  readonly memoryBytesMax: number;
  /** What it goes on from. */
  readonly image?: InstanceImage;
  /** Two random words for hashing; drawn when absent. */
  readonly seed?: readonly [bigint, bigint];
}

/** Compiles the module and makes an instance of it, with a memory of its own. */
export async function instantiateQuery(program: QueryProgram, options: InstanceOptions): Promise<QueryInstance> {
  const instance = new WasmQueryInstance(program, await instantiateKernel(program, options));
  if (options.image !== undefined) instance.restore(options.image);
  return instance;
}

/** The bare module, for benchmarks and tests of kernels. */
export async function instantiateKernel(program: QueryProgram, options: InstanceOptions): Promise<KernelExports> {
  const module = await moduleOf(program);
  const imports: WebAssembly.Imports = {
    env: { abort: () => fail('trap', 'the kernel aborted') },
    host: {
      memoryExceeded: (bytes: number) => fail('memory limit', limitMessage(options.memoryBytesMax, bytes >>> 0)),
      lateRow: (node: number) => fail('trap', `operator ${node}: a row came after the watermark had closed its window`),
    },
    expression: expressionImports(() => kernel.memory),
    functions: await functionImports(program.functions, () => kernel),
  };
  const kernel = (await WebAssembly.instantiate(module, imports)).exports as unknown as KernelExports;
  const [first, second] = options.seed ?? randomSeed();
  const pages = Math.min(pagesMax, Math.floor(options.memoryBytesMax / pageBytes));
  kernel.start(BigInt.asIntN(64, first), BigInt.asIntN(64, second), pages);
  return kernel;
}

/** Instances of one program share its machine code. */
const modules = new WeakMap<QueryProgram, Promise<WebAssembly.Module>>();

function moduleOf(program: QueryProgram): Promise<WebAssembly.Module> {
  const known = modules.get(program) ?? WebAssembly.compile(exportGlobals(program.wasm) ?? program.wasm);
  modules.set(program, known);
  return known;
}

function fail(reason: QueryFailure['reason'], message: string): never {
  throw new QueryFailure(reason, message);
}

class WasmQueryInstance implements QueryInstance {
  readonly #program: QueryProgram;
  readonly #kernel: KernelExports;
  readonly #memory: KernelMemory;
  readonly #translations: DictionaryTranslations;
  readonly #inputs: readonly InputWriter[];
  readonly #output: OutputReader;

  constructor(program: QueryProgram, kernel: KernelExports) {
    this.#program = program;
    this.#kernel = kernel;
    this.#memory = new KernelMemory(kernel.memory);
    this.#translations = new DictionaryTranslations(kernel, this.#memory);
    this.#inputs = program.inputs.map((input) => new InputWriter(kernel, this.#memory, this.#translations, input));
    this.#output = new OutputReader(kernel, this.#memory, program.outputs);
  }

  push(input: number, batch: Batch): void {
    const expected = this.#program.inputs[input]?.columns.length;
    if (expected !== batch.columns.length)
      throw new RangeError(`input ${input} takes ${expected ?? 'no'} columns, not ${batch.columns.length}`);
    if (batch.rows > batchRowsMax) throw new RangeError(`a batch holds ${batch.rows} rows, more than ${batchRowsMax}`);
    if (batch.rows === 0) return;
    this.#guarded(() => {
      if (this.#kernel.collectionDue() !== 0) this.#collectStrings();
      this.#inputs[input]?.write(batch);
      this.#kernel.push(input, batch.rows);
    });
  }

  replace(input: number, batches: readonly Batch[]): void {
    this.#guarded(() => this.#kernel.clear(input));
    for (const batch of batches) {
      this.push(input, batch);
      this.#guarded(() => this.#kernel.step());
    }
  }

  advance(watermark: bigint): void {
    this.#guarded(() => this.#kernel.advance(watermark));
  }

  take(): Batch | null {
    return this.#guarded(() => {
      const rows = this.#kernel.step();
      return rows === 0 ? null : this.#output.read(rows);
    });
  }

  resumeFrom(watermark: bigint): void {
    this.#kernel.resumeFrom(watermark);
  }

  oldestOpenStart(asked: bigint | null = null): bigint | null {
    const oldest = this.#kernel.oldestOpen(asked ?? noOpenState);
    return oldest === noOpenState ? null : oldest;
  }

  image(into: Uint8Array<ArrayBuffer> | null): InstanceImage | null {
    // Components have memories of their own.
    if (this.#program.functions.length > 0 || exportGlobals(this.#program.wasm) === null) return null;
    return this.#guarded(() => {
      this.#translations.forgetAll();
      return {
        memory: captureMemory(this.#kernel, into),
        globals: captureGlobals(this.#kernel),
        validities: this.#inputs.map((input) => input.validities()),
      };
    });
  }

  /** Before the first row. */
  restore(image: InstanceImage): void {
    restoreKernel(this.#kernel, image);
    for (const [index, input] of this.#inputs.entries()) input.restoreValidities(image.validities[index] ?? []);
  }

  counters(): readonly OperatorCounters[] {
    const base = (this.#kernel.counters.value >>> 0) / 8;
    const { longs } = this.#memory;
    return this.#program.operators.map(({ node, stateful }) => {
      return {
        node,
        rowsIn: Number(longs[base + node * 2]),
        rowsOut: Number(longs[base + node * 2 + 1]),
        stateBytes: stateful ? this.#kernel.stateBytes(node) : 0,
        stateRows: stateful ? this.#kernel.stateRows(node) : 0,
      };
    });
  }

  unlearntRows(): number {
    return this.#kernel.unlearntRows();
  }

  memoryBytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /** Between calls of the kernel only open groups and dictionaries' translations refer to strings. */
  #collectStrings(): void {
    this.#kernel.markStrings();
    this.#translations.sweep();
    if (this.#kernel.sweepStrings() !== 0) this.#output.forgetStrings();
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw new QueryFailure('trap', `the kernel trapped: ${error.message}`);
      throw error;
    }
  }
}

function limitMessage(bytesMax: number, bytes: number): string {
  return `out of memory: ${bytes} bytes more do not fit into the query's limit of ${bytesMax} bytes`;
}

function randomSeed(): [bigint, bigint] {
  const random = randomBytes(16);
  return [random.readBigInt64LE(0), random.readBigInt64LE(8)];
}
