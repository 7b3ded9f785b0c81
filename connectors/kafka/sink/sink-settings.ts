import type { ColumnSpec, DataType } from '../../data-type.ts';
import { AvroMismatch, deriveAvroSchema } from '../../formats/avro/derive-schema.ts';
import type { OptionValues } from '../../options.ts';
import { operationColumn, type SinkFault } from '../../sink.ts';
import { typeName } from '../../type-name.ts';
import type { Codec } from '../produce/compress.ts';
import { type ConnectionSettings, readConnectionSettings, SettingsError } from '../settings.ts';

export type ValueFormat = 'json' | 'csv' | 'text' | 'raw' | 'avro';

export interface KafkaSinkSettings extends ConnectionSettings {
  readonly topic: string;
  readonly format: ValueFormat;
  /** Indexes of columns; null: not said. */
  readonly key: readonly number[] | null;
  readonly keyFormat: 'text' | 'json' | null;
  readonly headers: readonly number[];
  readonly timestamp: number | null;
  readonly upserts: boolean;
  readonly hashesKeys: boolean;
  readonly compression: Codec;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly spoolBytesMax: number;
  readonly creates: { readonly partitions: number; readonly replicas: number } | null;
  /** Where the schema of Avro values is kept; null for other formats. */
  readonly registry: RegistrySettings | null;
  readonly onLostPosition: 'fail' | 'publish' | 'drop';
}

export interface RegistrySettings {
  readonly url: string;
  readonly timeoutMs: number;
  readonly subject: string;
  readonly registers: boolean;
  readonly schemaFile: string | null;
}

const moments: ReadonlySet<DataType['kind']> = new Set(['timestamp', 'timestamptz', 'timestamp_ms', 'timestamp_s', 'timestamp_ns']);
const asBytes: ReadonlySet<DataType['kind']> = new Set(['varchar', 'json', 'enum', 'blob']);

/** Throws SettingsError. No I/O. */
export function readKafkaSinkSettings(sink: string, columns: readonly ColumnSpec[], options: OptionValues): KafkaSinkSettings {
  const topic = String(options.topic ?? '');
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) throw refusal('topic', `"${topic}" is no name of a topic`);
  const key = options.key === undefined ? null : indexesOf('key', columns, options);
  const keyFormat = (options.key_format ?? null) as KafkaSinkSettings['keyFormat'];
  if (keyFormat === 'text' && key !== null && key.length !== 1)
    throw refusal('key_format', 'a key as text is made of one column', 'leave key_format out, or write key_format = json');
  return {
    ...readConnectionSettings(options),
    topic,
    format: String(options.format ?? 'json') as ValueFormat,
    key,
    keyFormat,
    headers: indexesOf('headers', columns, options),
    timestamp: timestampColumn(columns, options),
    upserts: options.changelog !== 'operations',
    hashesKeys: options.partitioner !== 'round_robin',
    compression: String(options.compression ?? 'none') as Codec,
    batchBytes: Number(options.batch_bytes ?? 512 << 10),
    lingerMs: Number(options.linger ?? 0),
    transactionalId: `${String(options.transactional_id ?? 'millrace')}-${topic}-${sink}`,
    transactionTimeoutMs: Number(options.transaction_timeout ?? 60_000),
    spoolBytesMax: Number(options.spool_limit ?? 1 << 30),
    creates: creationOf(options),
    registry: registryOf(topic, options),
    onLostPosition: String(options.on_lost_position ?? 'fail') as KafkaSinkSettings['onLostPosition'],
  };
}

/** Columns that go into a message's value. */
export function valueColumns(columns: readonly ColumnSpec[], settings: KafkaSinkSettings): readonly number[] {
  const { format, key, headers, timestamp } = settings;
  const whole = format === 'text' || format === 'raw';
  const out = (index: number) => headers.includes(index) || (whole && (index === timestamp || (key ?? []).includes(index)));
  return columns.map((_, index) => index).filter((index) => !out(index));
}

export function checkKafkaSink(columns: readonly ColumnSpec[], options: OptionValues): readonly SinkFault[] {
  const faults: SinkFault[] = [];
  for (const { name, type } of columns) {
    if (name.toLowerCase() === operationColumn)
      faults.push({ column: name, message: `${name} is what a changelog calls its own column`, hint: 'give it another name' });
    if (type.kind === 'null') faults.push({ column: name, message: `${name} has no type` });
  }
  try {
    const settings = readKafkaSinkSettings('', columns, options);
    const values = valueColumns(columns, settings);
    if (settings.format === 'avro') faults.push(...avroFaults(columns, values, settings));
    if (settings.format === 'text' || settings.format === 'raw') faults.push(...wholeValueFaults(columns, values, settings.format));
    else if (values.length === 0) faults.push({ option: 'headers', message: 'no column is left for the value of a message' });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    faults.push(error.fault);
  }
  return faults;
}

function wholeValueFaults(columns: readonly ColumnSpec[], values: readonly number[], format: ValueFormat): SinkFault[] {
  const names = values.map((index) => columns[index]?.name);
  if (values.length !== 1) {
    const message = `format = ${format} writes one column, and ${values.length === 0 ? 'none is left' : `there are ${names.join(', ')}`}`;
    return [{ option: 'format', message, hint: 'the others go to key, headers and timestamp' }];
  }
  const { name, type } = columns[values[0] as number] as ColumnSpec;
  if (asBytes.has(type.kind)) return [];
  return [
    { column: name, message: `${name} is ${typeName(type)}, and format = ${format} writes VARCHAR or BLOB`, hint: 'declare it VARCHAR' },
  ];
}

function indexesOf(option: string, columns: readonly ColumnSpec[], options: OptionValues): readonly number[] {
  const names = String(options[option] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const indexes = names.map((name) => {
    const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    if (index < 0)
      throw refusal(
        option,
        `"${option}" names a column that is not there: "${name}"`,
        `columns: ${columns.map((each) => each.name).join(', ')}`,
      );
    return index;
  });
  if (new Set(indexes).size < indexes.length) throw refusal(option, `"${option}" names a column twice`);
  return indexes;
}

function timestampColumn(columns: readonly ColumnSpec[], options: OptionValues): number | null {
  if (options.timestamp === undefined) return null;
  const [index] = indexesOf('timestamp', columns, options) as [number];
  const { name, type } = columns[index] as ColumnSpec;
  if (!moments.has(type.kind))
    throw refusal('timestamp', `${name} is ${typeName(type)}`, 'the timestamp of a message comes from a TIMESTAMP');
  return index;
}

function avroFaults(columns: readonly ColumnSpec[], values: readonly number[], { topic, registry }: KafkaSinkSettings): SinkFault[] {
  if (registry === null || registry.schemaFile !== null) return [];
  const faults: SinkFault[] = [];
  for (const column of values.map((index) => columns[index] as ColumnSpec)) {
    try {
      deriveAvroSchema(topic, [column]);
    } catch (error) {
      if (!(error instanceof AvroMismatch)) throw error;
      faults.push({ column: column.name, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
    }
  }
  return faults;
}

function registryOf(topic: string, options: OptionValues): RegistrySettings | null {
  const avro = options.format === 'avro';
  const url = String(options.schema_registry ?? '');
  if (!avro) {
    for (const option of ['schema_registry', 'schema_file', 'subject'])
      if (options[option] !== undefined) throw refusal(option, `${option} needs format = avro`, 'other formats have no schema');
    return null;
  }
  if (!/^https?:\/\//.test(url))
    throw refusal('schema_registry', 'format = avro needs the address of a schema registry', 'as in http://localhost:8081');
  return {
    url,
    timeoutMs: Number(options.schema_registry_timeout ?? 10_000),
    subject: String(options.subject ?? `${topic}-value`),
    registers: options.register_schema !== false,
    schemaFile: options.schema_file === undefined ? null : String(options.schema_file),
  };
}

function creationOf(options: OptionValues): KafkaSinkSettings['creates'] {
  if (options.create_topic === true) return { partitions: Number(options.partitions ?? -1), replicas: Number(options.replication ?? -1) };
  for (const option of ['partitions', 'replication'])
    if (options[option] !== undefined)
      throw refusal(option, `${option} needs create_topic = true`, 'a topic that is there keeps what it has');
  return null;
}

function refusal(option: string, message: string, hint?: string): SettingsError {
  return new SettingsError({ option, message, ...(hint === undefined ? {} : { hint }) });
}
