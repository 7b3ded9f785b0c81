import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contestant } from './contestant.ts';

const script = join(import.meta.dirname, 'rivals.py');
const threads = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'POLARS_MAX_THREADS',
  'NUMEXPR_NUM_THREADS',
  'RAYON_NUM_THREADS',
];

interface Reply {
  readonly ms?: number;
  readonly error?: string;
  readonly versions?: Readonly<Record<string, string>>;
}

/** The Python rivals: one process with one thread, told what to do line by line; arrays go through files. */
export class PythonRivals {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  #versions: Readonly<Record<string, string>> = {};
  #made = 0;

  private constructor(python: string) {
    const environment = { ...process.env, ...Object.fromEntries(threads.map((name) => [name, '1'])) };
    this.#process = spawn(python, [script], { env: environment });
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  static async start(python: string): Promise<PythonRivals> {
    const rivals = new PythonRivals(python);
    rivals.#versions = (await rivals.#ask({ do: 'versions' })).versions ?? {};
    return rivals;
  }

  /** Of the packages that can be imported. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Bytes for the rivals to read, by path. */
  file(name: string, bytes: Float32Array | Float64Array): string {
    const path = join(this.#folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  /** A function of rivals.py as a contestant; null where its package is not there. */
  async contestant(name: string, packageName: string, work: string, options: object): Promise<Contestant | null> {
    if (!(packageName in this.#versions)) return null;
    const id = this.#made++;
    await this.#ask({ do: 'make', id, work, options });
    return {
      name,
      run: async () => (await this.#ask({ do: 'run', id })).ms as number,
      answer: async () => this.numbers(id),
    };
  }

  /** What a contestant gave, f64. */
  async numbers(id: number): Promise<Float64Array> {
    const path = join(this.#folder, `answer-${id}`);
    await this.#ask({ do: 'answer', id, path });
    const bytes = readFileSync(path);
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }

  /** Runs a function once and gives what it returned. */
  async call(work: string, options: object): Promise<Float64Array> {
    const id = this.#made++;
    await this.#ask({ do: 'make', id, work, options });
    await this.#ask({ do: 'run', id });
    return this.numbers(id);
  }

  async #ask(request: object): Promise<Reply> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the Python rivals ended');
    const reply = JSON.parse(value) as Reply;
    if (reply.error !== undefined) throw new Error(`the Python rivals failed: ${reply.error}`);
    return reply;
  }

  close(): void {
    this.#process.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
