import type { BlobEncoding, TimestampUnit } from '../column-builder.ts';
import type { OptionValues } from '../options.ts';
import { byteOption } from './csv-options.ts';
import type { FormatName } from './decoder.ts';

const registryTimeoutMsDefault = 10_000;

/** What the options of `formatOptions` say. */
export interface FormatSettings {
  readonly format: FormatName;
  readonly timestampUnit: TimestampUnit | null;
  readonly blobs: BlobEncoding;
  readonly registry: string | null;
  readonly registryTimeoutMs: number;
  readonly schemaFile: string | null;
  readonly message: string | null;
  /** CSV, one byte each; quote -1: fields are never quoted. */
  readonly delimiter: number;
  readonly quote: number;
  readonly nullText: string | null;
}

export interface OptionFault {
  readonly option: string;
  readonly message: string;
  readonly hint?: string;
}

const schemaFormats: ReadonlySet<FormatName> = new Set(['avro', 'protobuf']);

export function formatSettings(values: OptionValues): FormatSettings {
  const text = (name: string) => (values[name] === undefined || values[name] === '' ? null : String(values[name]));
  return {
    format: (values.format ?? 'json') as FormatName,
    timestampUnit: (values.timestamp_unit ?? null) as TimestampUnit | null,
    blobs: (values.blob_encoding ?? 'base64') as BlobEncoding,
    registry: text('schema_registry'),
    registryTimeoutMs: Number(values.schema_registry_timeout ?? registryTimeoutMsDefault),
    schemaFile: text('schema_file'),
    message: text('message'),
    delimiter: byteOption(text('delimiter') ?? ',', 'tab', 9),
    quote: byteOption(text('quote') ?? '"', 'none', -1),
    nullText: text('null'),
  };
}

/** What options say that cannot be, or not together. */
export function formatFaults(values: OptionValues): readonly OptionFault[] {
  const settings = formatSettings(values);
  const { format, registry, schemaFile } = settings;
  const faults: OptionFault[] = [];
  if (schemaFormats.has(format)) {
    const both = registry !== null && schemaFile !== null && format === 'protobuf';
    if (both || (registry === null && schemaFile === null)) {
      const message = `${format} needs ${both ? 'either' : ''} schema_registry or schema_file`.replace('  ', ' ');
      faults.push({ option: 'format', message, hint: 'say where the schema of the messages is' });
    }
    if (registry !== null && !/^https?:$/.test(URL.canParse(registry) ? new URL(registry).protocol : '')) {
      faults.push({ option: 'schema_registry', message: `${registry} is no address`, hint: 'for example http://localhost:8081' });
    }
  }
  for (const option of ['delimiter', 'quote'] as const) {
    if (Number.isNaN(settings[option]))
      faults.push({ option, message: `${option} must be one ASCII character`, hint: 'or a word: tab, none' });
  }
  return faults;
}
