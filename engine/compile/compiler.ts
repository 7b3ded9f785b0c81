import { Worker } from 'node:worker_threads';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { CompileRequest, CompileResponse } from './asc-worker.ts';
import { compileQuery } from './compile-query.ts';
import { KernelCache } from './kernel-cache.ts';
import { compilerFlags, programKey, readKernels } from './kernel-files.ts';
import type { QueryProgram } from './program.ts';

/** The compiler keeps some 250 MB in memory, so it goes when nobody has needed it for this long. */
const idleMs = 2_000;

/** Compiles queries to programs. The AssemblyScript compiler runs in a thread that exists only while sources miss in the cache. */
export class Compiler {
  readonly #cache: KernelCache | null;
  readonly #kernels = readKernels();
  readonly #waiting = new Map<number, { resolve: (response: CompileResponse) => void; reject: (error: Error) => void }>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #requests = 0;

  /** `cacheDirectory`: made if need be; without one nothing is kept on disk. */
  constructor(options: { cacheDirectory: string | null }) {
    this.#cache = options.cacheDirectory === null ? null : new KernelCache(options.cacheDirectory);
  }

  /** Throws QueryError for a construct that cannot run; any other error is a fault of the generator. */
  async compile(query: QueryDefinition): Promise<QueryProgram> {
    const { source, inputs, outputs, operators, stateless } = compileQuery(query);
    const key = programKey(source, this.#kernels);
    const wasm = (await this.#cache?.read(key)) ?? (await this.#compileSource(query.id, key, source));
    return { key, wasm, source, inputs, outputs, operators, stateless };
  }

  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #compileSource(query: string, key: string, source: string): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request(source);
    if ('errors' in response) throw new Error(compilerFault(query, source, response.errors));
    await this.#cache?.write(key, response.wasm);
    return response.wasm;
  }

  #request(source: string): Promise<CompileResponse> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const worker = this.#worker ?? this.#start();
    const request: CompileRequest = { id: ++this.#requests, source, kernels: this.#kernels, flags: compilerFlags };
    return new Promise<CompileResponse>((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('asc-worker.ts', import.meta.url));
    worker.on('message', (response: CompileResponse) => {
      this.#waiting.get(response.id)?.resolve(response);
      this.#waiting.delete(response.id);
      if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.close(), idleMs).unref();
    });
    const fail = (error: Error): void => {
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`the kernel compiler ended with code ${code}`)));
    this.#worker = worker;
    return worker;
  }
}

/** asc's message with the generated line that it speaks of. */
function compilerFault(query: string, source: string, errors: string): string {
  const at = /in query\.ts\((\d+),\d+\)/.exec(errors);
  const line = at === null ? '' : `\ngenerated line ${at[1]}: ${source.split('\n')[Number(at[1]) - 1]?.trim() ?? ''}`;
  return `internal error: the generated kernel of ${query} does not compile: ${errors.trim()}${line}`;
}
