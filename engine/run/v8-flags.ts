import { setFlagsFromString } from 'node:v8';

const startup = [
  // Threads made from here on: their garbage is small and short-lived, and the default of 16 MB a half adds up over threads.
  '--max-semi-space-size=2',
  // The parser is a large WebAssembly module that runs for a moment: optimizing it in the background takes 500 MB and gains nothing.
  '--liftoff-only',
  '--no-wasm-dynamic-tiering',
  '--no-wasm-tier-up',
];

/** Kernels run for days: they are optimized before their first row. */
const kernels = [
  '--no-liftoff-only',
  '--no-liftoff',
  '--wasm-dynamic-tiering',
  '--wasm-tier-up',
  // A loop that the middle tier has inlined is stuck in it until its caller is optimized, which takes tens of millions of rows: an
  // exchange cost three times as much until then.
  '--no-maglev-inlining',
];

/** V8's flags are of the whole process: this one is for its start, `setFlagsForKernels` follows when the first lane starts. */
export function setFlagsForStartup(): void {
  for (const flag of startup) setFlagsFromString(flag);
}

export function setFlagsForKernels(): void {
  for (const flag of kernels) setFlagsFromString(flag);
}
