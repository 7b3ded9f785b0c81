import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConnectorError } from '../connector.ts';
import type { OptionValues } from '../options.ts';
import { ArrowDecoder } from './arrow/arrow-decoder.ts';
import { AvroReader } from './avro/avro-reader.ts';
import { parseAvroSchema } from './avro/schema.ts';
import { CsvRow } from './csv-row.ts';
import type { Decoder, DecoderProgram } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';
import { JsonValues } from './json-values.ts';
import { ProtobufReader } from './protobuf/protobuf-reader.ts';
import { parseProto, readProto } from './protobuf/schema.ts';
import { RegisteredRow } from './registered-row.ts';
import type { RowColumns } from './row-columns.ts';
import { type RowMaker, RowValues, valueColumns } from './row-values.ts';
import { SchemaRegistry } from './schema-registry.ts';
import { type FormatSettings, formatSettings } from './settings.ts';
import { SpanDecoder } from './span-decoder.ts';
import { WholeValues } from './whole-values.ts';

export interface DecoderSetup {
  /** Name of the source, for messages. */
  readonly source: string;
  readonly program: DecoderProgram;
  /** An instance of the program. */
  readonly module: DecoderModule;
  readonly options: OptionValues;
  /** Relative paths start here. */
  readonly directory: string;
}

/** The decoder of a source's format. Throws ConnectorError where a schema file cannot be used. */
export function createDecoder(setup: DecoderSetup): Decoder {
  const { module, program, options } = setup;
  const { spec } = program;
  const settings = formatSettings(options);
  switch (settings.format) {
    case 'json':
      return new SpanDecoder(module, spec, new JsonValues(module as DecoderModule<JsonExports>, spec));
    case 'text':
    case 'raw':
      return new SpanDecoder(module, spec, new WholeValues(module, spec));
    case 'csv': {
      const columns = valueColumns(spec);
      return new SpanDecoder(module, spec, new RowValues(module, columns, new CsvRow(columns, settings)));
    }
    case 'arrow':
      return new ArrowDecoder(
        module,
        spec,
        fromSchemaFile(setup, settings, (path) => new Uint8Array(readFileSync(path))),
      );
    default: {
      const columns = valueColumns(spec);
      const maker = settings.format === 'avro' ? avroRow(setup, settings, columns) : protobufRow(setup, settings, columns);
      return new SpanDecoder(module, spec, new RowValues(module, columns, maker));
    }
  }
}

/** With a registry the file's schema is the reader's: its aliases and defaults; without one, also the writer's. */
function avroRow(setup: DecoderSetup, settings: FormatSettings, columns: RowColumns): RowMaker {
  const own = fromSchemaFile(setup, settings, (path) => parseAvroSchema(readFileSync(path, 'utf8')));
  const registry = openRegistry(setup, settings);
  const single = registry === null && own !== null ? new AvroReader(own, columns, own) : null;
  return new RegisteredRow(columns, registry, single, ({ type, text, references }) => {
    if (type !== 'AVRO') throw new Error(`it is a schema of ${type}`);
    const known = references.map((reference) => reference.text);
    return new AvroReader(parseAvroSchema(text, known), columns, own);
  });
}

function protobufRow(setup: DecoderSetup, settings: FormatSettings, columns: RowColumns): RowMaker {
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

function fromSchemaFile<T>({ source, directory }: DecoderSetup, { schemaFile }: FormatSettings, read: (path: string) => T): T | null {
  if (schemaFile === null) return null;
  try {
    return read(resolve(directory, schemaFile));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectorError(source, `schema_file ${schemaFile} cannot be used: ${reason}`);
  }
}
