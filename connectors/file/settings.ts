import { extname } from 'node:path';
import type { TimestampUnit } from '../column-builder.ts';
import type { OptionSpecs, OptionValues } from '../options.ts';
import { byteOption, csvOptions } from '../formats/csv-options.ts';

export type FileFormat = 'parquet' | 'csv' | 'json';
export type Compression = 'auto' | 'none' | 'gzip' | 'zstd';

const rowBytesMaxDefault = 1 << 20;

export const fileOptions: OptionSpecs = {
  path: {
    type: 'text',
    description:
      'File to read, or a glob (`*`, `?`, `[...]`, `**`); relative to the folder of the query file. Several files are read in the order of their names, as one sequence.',
    required: true,
    example: 'data/requests-*.csv.gz',
    identity: true,
  },
  format: {
    type: 'choice',
    description: 'What is in the files; `json`, `ndjson` and `jsonl` all mean one JSON object a line. Without it the extension decides.',
    choices: ['parquet', 'csv', 'json', 'ndjson', 'jsonl'],
    example: 'csv',
  },
  compression: {
    type: 'choice',
    description: 'How CSV and JSON files are compressed; `auto` looks at their first bytes.',
    choices: ['auto', 'none', 'gzip', 'zstd'],
    default: 'auto',
  },
  partition_by: {
    type: 'choice',
    description: '`none` reads all files one after the other as one partition; `file` makes each file a partition of its own.',
    choices: ['none', 'file'],
    default: 'none',
    identity: true,
  },
  timestamp_unit: {
    type: 'choice',
    description:
      'What a whole or decimal number in a TIMESTAMP column counts since 1970-01-01 UTC. Without it only ISO 8601 text is a timestamp.',
    choices: ['s', 'ms', 'us', 'ns', 'min'],
    example: 'ms',
  },
  header: {
    type: 'boolean',
    description: 'CSV: the first line names the columns, in any order. Without a header, columns come in the order of the table.',
    default: 'true',
  },
  ...csvOptions,
  max_row_bytes: {
    type: 'bytes',
    description: 'CSV and JSON: a longer record is rejected, and read past without being held in memory.',
    default: '1 MiB',
    minimum: 64,
    maximum: 256 << 20,
  },
};

export interface FileSettings {
  readonly path: string;
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly partitionByFile: boolean;
  readonly timestampUnit: TimestampUnit | null;
  readonly header: boolean;
  /** One byte each; quote -1: fields are never quoted. */
  readonly delimiter: number;
  readonly quote: number;
  readonly nullText: string | null;
  readonly rowBytesMax: number;
}

/** What one option says does not fit. */
export class SettingsError extends Error {
  readonly option: string;
  readonly hint: string;
  constructor(option: string, message: string, hint: string) {
    super(message);
    this.option = option;
    this.hint = hint;
  }
}

/** Throws SettingsError. */
export function readSettings(values: OptionValues): FileSettings {
  const path = String(values.path ?? '');
  if (path === '') throw new SettingsError('path', 'path names no file', "for example path = 'data/requests.csv'");
  return {
    path,
    format: chosenFormat(values.format, path),
    compression: (values.compression ?? 'auto') as Compression,
    partitionByFile: values.partition_by === 'file',
    timestampUnit: (values.timestamp_unit ?? null) as TimestampUnit | null,
    header: values.header !== false,
    delimiter: oneByte('delimiter', String(values.delimiter ?? ','), 'tab', 9),
    quote: oneByte('quote', String(values.quote ?? '"'), 'none', -1),
    nullText: values.null === undefined || values.null === '' ? null : String(values.null),
    rowBytesMax: Number(values.max_row_bytes ?? rowBytesMaxDefault),
  };
}

const formats: Readonly<Record<string, FileFormat>> = {
  parquet: 'parquet',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  ndjson: 'json',
  jsonl: 'json',
};

function chosenFormat(written: OptionValues[string], path: string): FileFormat {
  const extension = extname(path.replace(/\.(gz|gzip|zst|zstd)$/i, '')).slice(1);
  const format = formats[String(written ?? extension.toLowerCase())];
  if (format === undefined) {
    throw new SettingsError('format', `the format of ${path} cannot be told from its name`, 'say format = parquet, csv or json');
  }
  return format;
}

function oneByte(option: string, text: string, word: string, meaning: number): number {
  const byte = byteOption(text, word, meaning);
  if (Number.isNaN(byte)) throw new SettingsError(option, `${option} must be one ASCII character, not "${text}"`, `or the word ${word}`);
  return byte;
}
