import type { ColumnSpec, DataType } from '../../data-type.ts';
import type { OptionSpecs, OptionValues } from '../../options.ts';
import { operationColumn, type SinkFault } from '../../sink.ts';
import { typeName } from '../../type-name.ts';

export type SinkFormat = 'parquet' | 'csv' | 'jsonl';

export const fileSinkOptions: OptionSpecs = {
  path: {
    type: 'text',
    description: 'Folder that files are written to, made where it is absent; relative to the folder of the query file.',
    required: true,
    example: 'out/requests',
  },
  format: {
    type: 'choice',
    description: 'What is in the files: `json`, `ndjson` and `jsonl` all mean one JSON object a line.',
    choices: ['jsonl', 'json', 'ndjson', 'csv', 'parquet'],
    default: 'jsonl',
  },
  partition_by: {
    type: 'text',
    description:
      'Columns, with commas between, by whose values rows go to folders of their own (`dt=2026-01-31/hm=10%3A05`); they are left out of the files.',
    example: 'dt, hm',
  },
  roll_every: {
    type: 'duration',
    description: 'A file is closed, and can be seen, so long after its first row.',
    default: '1 min',
    minimum: 1,
  },
  roll_bytes: {
    type: 'bytes',
    description: 'A file is closed earlier when its rows, as text, have reached this size.',
    default: '128 MiB',
    minimum: 1,
  },
  header: { type: 'boolean', description: 'CSV: the first line names the columns.', default: 'true' },
};

export interface SinkSettings {
  readonly path: string;
  readonly format: SinkFormat;
  /** Names of columns, as declared. */
  readonly partitionBy: readonly string[];
  readonly rollEveryMs: number;
  readonly rollBytes: number;
  readonly header: boolean;
}

const defaults = { rollEveryMs: 60_000, rollBytes: 128 << 20 } as const;

export function readSinkSettings(columns: readonly ColumnSpec[], options: OptionValues): SinkSettings {
  const format = String(options.format ?? 'jsonl');
  return {
    path: String(options.path ?? ''),
    format: format === 'parquet' || format === 'csv' ? format : 'jsonl',
    partitionBy: partitionNames(options).map((name) => findColumn(columns, name)?.name ?? name),
    rollEveryMs: Number(options.roll_every ?? defaults.rollEveryMs),
    rollBytes: Number(options.roll_bytes ?? defaults.rollBytes),
    header: options.header !== false,
  };
}

export function checkSink(columns: readonly ColumnSpec[], options: OptionValues): readonly SinkFault[] {
  const settings = readSinkSettings(columns, options);
  const faults: SinkFault[] = [];
  if (settings.path === '') faults.push({ option: 'path', message: 'path names no folder', hint: "for example path = 'out/requests'" });
  for (const name of partitionNames(options)) {
    const column = findColumn(columns, name);
    if (column !== undefined && !isNested(column.type)) continue;
    const message =
      column === undefined ? `"partition_by" names a column that is not there: "${name}"` : `${name} is ${typeName(column.type)}`;
    const hint =
      column === undefined ? `columns: ${columns.map((each) => each.name).join(', ')}` : 'a folder is named by a value that is not nested';
    faults.push({ option: 'partition_by', message, hint });
  }
  if (columns.every((column) => settings.partitionBy.includes(column.name)))
    faults.push({ option: 'partition_by', message: 'no column is left to be written to the files' });
  for (const { name, type } of columns) {
    if (name.toLowerCase() === operationColumn)
      faults.push({ column: name, message: `${name} is what a changelog calls its own column`, hint: 'give it another name' });
    if (contains(type, ['null'])) faults.push({ column: name, message: `${name} has no type` });
    if (settings.format !== 'parquet' || settings.partitionBy.includes(name)) continue;
    if (contains(type, ['hugeint', 'uhugeint']))
      faults.push({
        column: name,
        message: `${name} is ${typeName(type)}, which Parquet files do not have`,
        hint: 'declare DECIMAL(38, 0)',
      });
  }
  return faults;
}

function partitionNames(options: OptionValues): string[] {
  return String(options.partition_by ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function findColumn(columns: readonly ColumnSpec[], name: string): ColumnSpec | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

function isNested(type: DataType): boolean {
  return type.kind === 'list' || type.kind === 'map' || type.kind === 'struct';
}

function contains(type: DataType, kinds: readonly DataType['kind'][]): boolean {
  if (kinds.includes(type.kind)) return true;
  if (type.kind === 'list') return contains(type.child, kinds);
  if (type.kind === 'map') return contains(type.key, kinds) || contains(type.value, kinds);
  return type.kind === 'struct' && type.fields.some((field) => contains(field.type, kinds));
}
