import type { DecoderProgram } from '../../../connectors/formats/decoder.ts';
import { recordLibrary } from '../../../connectors/kafka/records/record-walk.ts';
import { compileModule } from '../../../bench/compile-kernel.ts';

const source = `
import { limitMemory } from "./kernels/memory";
export { allocate, release } from "./kernels/memory";
export { ${recordLibrary.names.join(', ')} } from "./kernels/${recordLibrary.file}";
export function start(first: i64, second: i64, pagesMax: u32): void { limitMemory(pagesMax); }
`;

let program: Promise<DecoderProgram> | null = null;

/** A module that takes records apart and decodes none of them. */
export function recordProgram(): Promise<DecoderProgram> {
  program ??= compileModule(source).then((wasm) => ({
    spec: {
      format: 'raw',
      columns: [],
      needed: [],
      recordFields: {},
      timestampUnit: null,
      blobs: 'escaped',
      libraries: [recordLibrary],
    },
    key: 'records',
    wasm,
    source,
  }));
  return program;
}
