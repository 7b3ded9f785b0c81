import { readFileSync } from 'node:fs';
import { AvroReader } from './avro/avro-reader.ts';
import { parseAvroSchema } from './avro/schema.ts';
import type { DecoderSetup } from './load-decoder.ts';
import { ProtobufReader } from './protobuf/protobuf-reader.ts';
import { parseProto, readProto } from './protobuf/schema.ts';
import { RegisteredRow } from './registered-row.ts';
import type { RowColumns } from './row-columns.ts';
import type { RowMaker } from './row-values.ts';
import { fromSchemaFile } from './schema-file.ts';
import { SchemaRegistry } from './schema-registry.ts';
import type { FormatSettings } from './settings.ts';

/** With a registry the file's schema is the reader's: its aliases and defaults; without one, also the writer's. */
export function avroRow(setup: DecoderSetup, settings: FormatSettings, columns: RowColumns): RowMaker {
  const own = fromSchemaFile(setup, settings, (path) => parseAvroSchema(readFileSync(path, 'utf8')));
  const registry = openRegistry(setup, settings);
  const single = registry === null && own !== null ? new AvroReader(own, columns, own) : null;
  return new RegisteredRow(columns, registry, single, ({ type, text, references }) => {
    if (type !== 'AVRO') throw new Error(`it is a schema of ${type}`);
    const known = references.map((reference) => reference.text);
    return new AvroReader(parseAvroSchema(text, known), columns, own);
  });
}

/** As `avroRow`, of Protobuf: a registry, or a local .proto. */
export function protobufRow(setup: DecoderSetup, settings: FormatSettings, columns: RowColumns): RowMaker {
  const single = fromSchemaFile(setup, settings, (path) => {
    const file = readProto(path);
    return new ProtobufReader(file, columns, file.named(settings.message));
  });
  return new RegisteredRow(columns, openRegistry(setup, settings), single, ({ type, text, references }) => {
    if (type !== 'PROTOBUF') throw new Error(`it is a schema of ${type}`);
    const imports = new Map(references.map((reference) => [reference.name, reference.text]));
    return new ProtobufReader(parseProto(text, imports), columns, null);
  });
}

function openRegistry({ source }: DecoderSetup, { registry, registryTimeoutMs }: FormatSettings): SchemaRegistry | null {
  return registry === null ? null : new SchemaRegistry(source, registry, registryTimeoutMs);
}
