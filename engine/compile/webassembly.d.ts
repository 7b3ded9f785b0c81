/** The part of the WebAssembly API that the engine uses: the ES library leaves it to the DOM's, which would bring the browser along. */
declare namespace WebAssembly {
  class RuntimeError extends Error {}
  class CompileError extends Error {}
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global<T extends 'i32' | 'f64' | 'i64'> {
    readonly value: T extends 'i64' ? bigint : number;
  }
  type ImportValue = Memory | ((...args: never[]) => unknown);
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}
