import type { DecoderProgram, DecoderSpec } from '../../connectors/formats/decoder.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { compileQuery } from './compile-query.ts';
import { CompilerPool } from './compiler-pool.ts';
import { KernelCache } from './kernel-cache.ts';
import { generateDecoder } from './decoders/generate-decoder.ts';
import { compilerFlags, programKey, readKernels } from './kernel-files.ts';
import type { QueryProgram } from './program.ts';
import { loadFunction } from './user-functions/load-component.ts';

/** Compiles queries to programs. The AssemblyScript compiler runs only while sources miss in the cache. */
export class Compiler {
  readonly #cache: KernelCache | null;
  readonly #kernels = readKernels();
  readonly #pool = new CompilerPool();

  /** `cacheDirectory`: made if need be; without one nothing is kept on disk. */
  constructor(options: { cacheDirectory: string | null }) {
    this.#cache = options.cacheDirectory === null ? null : new KernelCache(options.cacheDirectory);
  }

  /** Throws QueryError for a construct that cannot run; any other error is a fault of the generator. */
  async compile(query: QueryDefinition): Promise<QueryProgram> {
    const { source, inputs, outputs, operators, stateless } = compileQuery(query);
    const key = programKey(source, this.#kernels);
    const wasm = (await this.#cache?.read(key)) ?? (await this.#compileSource(query.id, key, source));
    const functions = await Promise.all(query.functions.map(loadFunction));
    return { key, wasm, source, inputs, outputs, operators, stateless, functions };
  }

  /** The module of a source: what lies before the queries. */
  async compileDecoder(source: string, spec: DecoderSpec): Promise<DecoderProgram> {
    const text = generateDecoder(spec);
    const key = programKey(text, this.#kernels);
    const wasm = (await this.#cache?.read(key)) ?? (await this.#compileSource(`the decoder of ${source}`, key, text));
    return { spec, key, wasm, source: text };
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  async #compileSource(query: string, key: string, source: string): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#pool.compile({ source, kernels: this.#kernels, flags: compilerFlags });
    if ('errors' in response) throw new Error(compilerFault(query, source, response.errors));
    await this.#cache?.write(key, response.wasm);
    return response.wasm;
  }
}

/** asc's message with the generated line that it speaks of. */
function compilerFault(query: string, source: string, errors: string): string {
  const at = /in query\.ts\((\d+),\d+\)/.exec(errors);
  const line = at === null ? '' : `\ngenerated line ${at[1]}: ${source.split('\n')[Number(at[1]) - 1]?.trim() ?? ''}`;
  return `internal error: the generated kernel of ${query} does not compile: ${errors.trim()}${line}`;
}
