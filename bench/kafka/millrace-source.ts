import { join } from 'node:path';
import type { OpenContext } from '../../connectors/connector.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { DecoderProgram, DecoderSpec } from '../../connectors/formats/decoder.ts';
import { planDecoder } from '../../connectors/formats/plan-decoder.ts';
import { recordLibrary } from '../../connectors/kafka/records/record-walk.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { type ConsumeTask, kindOf } from './consumed.ts';

export const kernelDirectory = join(import.meta.dirname, '..', '..', '.cache', 'kernels');
const arrowColumns: ReadonlySet<string> = new Set(['ts', 'host', 'metric', 'value', 'status']);

export function rowColumns(task: ConsumeTask): readonly ColumnSpec[] {
  const { columns } = kindOf(task);
  return task.format === 'arrow' ? columns.filter(({ name }) => arrowColumns.has(name)) : columns;
}

export function openContext(columns: readonly ColumnSpec[], options: OptionValues, decoder: DecoderProgram): OpenContext {
  return {
    source: 'bench',
    columns,
    needed: columns.map((_, index) => index),
    options,
    eventTime: null,
    positions: new Map(),
    directory: '.',
    clock: { now: () => Date.now() },
    decoder,
  };
}

/** From the cache, or compiled now. */
export async function compiled(task: ConsumeTask, options: OptionValues): Promise<DecoderProgram> {
  const libraries = [recordLibrary];
  const none: DecoderSpec = {
    format: 'raw',
    columns: [],
    needed: [],
    recordFields: {},
    timestampUnit: null,
    blobs: 'escaped',
    libraries,
  };
  const columns = rowColumns(task);
  const rows = planDecoder({ columns, needed: columns.map((_, index) => index), options, libraries });
  const compiler = new Compiler({ cacheDirectory: kernelDirectory });
  try {
    return await compiler.compileDecoder('bench', task.work === 'consume' ? none : rows);
  } finally {
    await compiler.close();
  }
}
