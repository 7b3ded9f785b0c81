import { setFlagsFromString } from 'node:v8';

/**
 * V8's flags are of the whole process, so these two are called in this order. While queries are read and compiled: the parser and the
 * AssemblyScript compiler are large WebAssembly modules that run for a second; optimizing them in the background takes 500 MB and
 * gains nothing.
 */
export function compileWasmForStartup(): void {
  for (const flag of ['--liftoff-only', '--no-wasm-dynamic-tiering', '--no-wasm-tier-up']) setFlagsFromString(flag);
}

/** Before a lane makes its first instance: kernels run for days, so they are optimized at once. */
export function compileWasmForSpeed(): void {
  for (const flag of ['--no-liftoff-only', '--no-liftoff', '--wasm-dynamic-tiering', '--wasm-tier-up']) setFlagsFromString(flag);
}
