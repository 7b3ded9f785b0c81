import type { DecoderSpec } from '../../../connectors/formats/decoder.ts';
import { ModuleBuilder } from '../module-builder.ts';
import { addJsonDecoder } from './json-decoder.ts';

/** AssemblyScript of the one module of a source: its memory, the decoder of its format, and the libraries that its connector asks for. */
export function generateDecoder(spec: DecoderSpec): string {
  const module = new ModuleBuilder();
  module.import('memory', 'limitMemory');
  module.import('hash', 'seedHashes');
  const exported = new Map<string, Set<string>>([['memory', new Set(['allocate', 'release'])]]);
  for (const { file, names } of spec.libraries) {
    const known = exported.get(file) ?? new Set();
    exported.set(file, new Set([...known, ...names]));
  }
  const start = ['limitMemory(pagesMax);', 'seedHashes(<u64>first, <u64>second);'];
  if (spec.format === 'json') start.push(...addJsonDecoder(module, spec, exported));
  module.add(`export function start(first: i64, second: i64, pagesMax: u32): void {\n  ${start.join('\n  ')}\n}`);
  for (const [file, names] of exported) module.add(`export { ${[...names].sort().join(', ')} } from "./kernels/${file}";`);
  return module.text(`// Decoder of ${spec.format}. Generated; do not edit.`);
}
