/**
 * The parts of AssemblyScript's standard library that the compiler insists on. Kernels use none of it but builtins; parsing all of it
 * anew for every query takes as long as compiling the query.
 */
const parts: ReadonlySet<string> = new Set([
  'array',
  'arraybuffer',
  'bindings/dom',
  'builtins',
  'error',
  'function',
  'math',
  'memory',
  'number',
  'object',
  'polyfills',
  'rt/common',
  'rt/index-stub',
  'rt/stub',
  'rt/tlsf',
  'shared/runtime',
  'shared/typeinfo',
  'staticarray',
  'string',
  'util/bytes',
  'util/casemap',
  'util/error',
  'util/hash',
  'util/math',
  'util/memory',
  'util/number',
  'util/sort',
  'util/string',
  'vector',
]);

/** Drops the rest from the compiler's own map of library files. */
export function pruneStandardLibrary(libraryFiles: Record<string, string>): void {
  for (const name of Object.keys(libraryFiles)) if (!parts.has(name)) delete libraryFiles[name];
}
