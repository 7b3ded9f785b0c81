import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { CompileRequest, CompileResponse } from './compile-process.ts';

/** A compiler holds some 300 MB and is busy for 2 s before its first kernel: a second one only pays when many wait. */
const compilersMax = 2;
const requestsForAnother = 4;
/** They go when nobody has needed them for this long. */
const idleMs = 2_000;

interface Running {
  readonly process: ChildProcess;
  readonly waiting: Map<number, { resolve: (response: CompileResponse) => void; reject: (error: Error) => void }>;
}

/** AssemblyScript compilers in processes of their own, so that their memory is not the engine's and goes when they go. */
export class CompilerPool {
  readonly #running: Running[] = [];
  #requests = 0;
  #idle: NodeJS.Timeout | null = null;

  compile(request: Omit<CompileRequest, 'id'>): Promise<CompileResponse> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const compiler = this.#leastBusy();
    const id = ++this.#requests;
    return new Promise<CompileResponse>((resolve, reject) => {
      compiler.waiting.set(id, { resolve, reject });
      compiler.process.send({ ...request, id } satisfies CompileRequest, (error) => {
        if (error !== null) this.#fail(compiler, error);
      });
    });
  }

  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    for (const { process } of this.#running.splice(0)) process.kill();
  }

  #leastBusy(): Running {
    const [best] = [...this.#running].sort((a, b) => a.waiting.size - b.waiting.size);
    const most = Math.min(compilersMax, availableParallelism());
    if (best === undefined || (best.waiting.size >= requestsForAnother && this.#running.length < most)) return this.#start();
    return best;
  }

  #start(): Running {
    const child = fork(new URL('compile-process.ts', import.meta.url), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const compiler: Running = { process: child, waiting: new Map() };
    child.on('message', (message) => {
      const response = message as CompileResponse;
      compiler.waiting.get(response.id)?.resolve(response);
      compiler.waiting.delete(response.id);
      if (this.#running.every(({ waiting }) => waiting.size === 0)) this.#idle = setTimeout(() => this.close(), idleMs).unref();
    });
    child.on('error', (error) => this.#fail(compiler, error));
    child.on('exit', (code) => this.#fail(compiler, new Error(`the kernel compiler ended with code ${code}`)));
    this.#running.push(compiler);
    return compiler;
  }

  #fail(compiler: Running, error: Error): void {
    for (const { reject } of compiler.waiting.values()) reject(error);
    compiler.waiting.clear();
    const index = this.#running.indexOf(compiler);
    if (index >= 0) this.#running.splice(index, 1);
    compiler.process.kill();
  }
}
