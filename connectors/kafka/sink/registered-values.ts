import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Column } from '../../batch.ts';
import type { ColumnSpec } from '../../data-type.ts';
import { AvroOutput } from '../../formats/avro/avro-output.ts';
import { AvroMismatch, deriveAvroSchema } from '../../formats/avro/derive-schema.ts';
import { bindFields, planAvroRecord } from '../../formats/avro/plan-writer.ts';
import { parseAvroSchema } from '../../formats/avro/schema.ts';
import { SchemaRegistry } from '../../formats/schema-registry.ts';
import { operationColumn } from '../../sink.ts';
import { kafkaFailure, type Subject } from '../failure.ts';
import { type KafkaSinkSettings, valueColumns } from './sink-settings.ts';

const magicByte = 0;

/** Values whose schema a registry has, in Confluent's wire format. */
export interface RegisteredValues {
  /** Columns of a batch, those of the value in their order. */
  bind(columns: readonly Column[]): (row: number, operation: string) => Uint8Array;
}

export interface RegistrationParts {
  readonly subject: Subject;
  readonly columns: readonly ColumnSpec[];
  readonly settings: KafkaSinkSettings;
  /** Relative paths start here. */
  readonly directory: string;
  /** Each row says in a field of its own whether it came or went. */
  readonly operations: boolean;
}

/** Checks the schema against the columns and registers it; null for a format without one. Rejects with ConnectorError. */
export async function registerValues(parts: RegistrationParts): Promise<RegisteredValues | null> {
  const { subject, settings, operations } = parts;
  const { registry: place } = settings;
  if (settings.format !== 'avro' || place === null) return null;
  const own = valueColumns(parts.columns, settings).map((index) => parts.columns[index] as ColumnSpec);
  const operation: ColumnSpec = { name: operationColumn, type: { kind: 'varchar' }, nullable: false };
  const columns = operations ? [...own, operation] : own;
  const { text, fields } = await plan(parts, columns);
  const registry = new SchemaRegistry(subject.source, place.url, place.timeoutMs);
  const header = Buffer.alloc(5, magicByte);
  header.writeUInt32BE(await registry.idOf(place.subject, 'AVRO', text, place.registers), 1);
  const out = new AvroOutput();
  return {
    bind(batch) {
      let changed = '';
      const write = bindFields(
        fields.map((field) => (operations && field.index === own.length ? { index: -1, write: () => (to) => to.text(changed) } : field)),
        batch,
      );
      return (row, now) => {
        changed = now;
        out.reset();
        write(out, row);
        return Buffer.concat([header, out.taken()]);
      };
    },
  };
}

async function plan({ subject, settings, directory }: RegistrationParts, columns: readonly ColumnSpec[]) {
  const file = settings.registry?.schemaFile ?? null;
  try {
    const text = file === null ? deriveAvroSchema(settings.topic, columns) : await readSchema(subject, resolve(directory, file));
    return { text, fields: planAvroRecord(parseAvroSchema(text), columns) };
  } catch (error) {
    if (error instanceof AvroMismatch) throw kafkaFailure(subject, `format = avro: ${error.message}`, error.hint);
    if (file === null || !(error instanceof Error) || error.name === 'ConnectorError') throw error;
    throw kafkaFailure(subject, `${file} is no Avro schema: ${error.message}`);
  }
}

async function readSchema(subject: Subject, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw kafkaFailure(
      subject,
      `${path} cannot be read: ${(error as Error).message}`,
      'schema_file starts at the folder of the query file',
    );
  }
}
