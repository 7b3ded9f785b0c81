import asc from 'assemblyscript/asc';
import { compilerFlags, readKernels } from '../engine/compile/kernel-files.ts';

/** Compiles AssemblyScript that imports kernels as "./kernels/<file>". */
export async function compileModule(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const kernels = readKernels();
  const errors: string[] = [];
  const outputs: Uint8Array[] = [];
  const { error } = await asc.main(['test.ts', '-o', 'test.wasm', ...compilerFlags], {
    stderr: { write: (text: string | Uint8Array) => errors.push(String(text)) },
    stdout: { write: () => true },
    readFile: (name: string) => (name === 'test.ts' ? source : (kernels.get(name.replace(/^(\.\/)?kernels\//, '')) ?? null)),
    writeFile: (_name: string, contents: string | Uint8Array) => {
      if (typeof contents !== 'string') outputs.push(contents);
    },
    listFiles: () => [],
  } as never);
  const [wasm] = outputs;
  if (error !== null || wasm === undefined) throw new Error(errors.join(''));
  return new Uint8Array(wasm);
}

/** The same, instantiated: gives its exports. */
export async function compileKernel<T>(source: string, host: Record<string, (...args: never[]) => unknown> = {}): Promise<T> {
  const fail = (what: string) => () => {
    throw new Error(what);
  };
  const module = await WebAssembly.compile(await compileModule(source));
  const imports = {
    env: { abort: fail('abort') },
    host: { memoryExceeded: fail('memory limit'), lateRow: fail('late row'), ...host },
    expression: { fail: fail('fault') },
  };
  return (await WebAssembly.instantiate(module, imports)).exports as T;
}
