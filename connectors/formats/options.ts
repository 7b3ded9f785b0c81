import type { OptionSpecs } from '../options.ts';
import { csvOptions } from './csv-options.ts';

/** Options of a source whose messages have a format, to be put beside the connector's own. */
export const formatOptions: OptionSpecs = {
  format: {
    type: 'choice',
    description:
      'How messages are written: one JSON object each; Avro or Protobuf (with a schema registry or a local schema); one line of CSV; an Arrow IPC stream or batch; `text` and `raw` put the whole message into the one column that the table takes from it.',
    choices: ['json', 'avro', 'protobuf', 'csv', 'arrow', 'text', 'raw'],
    default: 'json',
  },
  timestamp_unit: {
    type: 'choice',
    description:
      'JSON and CSV: what a whole or decimal number in a TIMESTAMP column counts since 1970-01-01 UTC. Without it only ISO 8601 text is a timestamp.',
    choices: ['s', 'ms', 'us', 'ns', 'min'],
    example: 'ms',
  },
  blob_encoding: {
    type: 'choice',
    description: 'JSON and CSV: how text stands for the bytes of a BLOB; `escaped` is ASCII with `\\xHH`, as DuckDB writes it.',
    choices: ['base64', 'escaped'],
    default: 'base64',
  },
  schema_registry: {
    type: 'text',
    description:
      'Avro and Protobuf: address of a Confluent schema registry; messages then begin with the number of their schema. A name and password, where it asks for them, come from the environment: MILLRACE_SCHEMA_REGISTRY_USER and MILLRACE_SCHEMA_REGISTRY_PASSWORD.',
    example: 'http://localhost:8081',
  },
  schema_registry_timeout: {
    type: 'duration',
    description: 'How long one request to the schema registry may take.',
    default: '10 s',
  },
  schema_file: {
    type: 'text',
    description:
      'File with the schema (.avsc, .proto, or an Arrow IPC stream), relative to the folder of the query file. Avro and Protobuf without a registry: messages then hold nothing but the value. Avro with a registry: the schema to read by, for its aliases and defaults. Arrow: for record batches that come without a schema.',
    example: 'schemas/order.proto',
  },
  message: {
    type: 'text',
    description: 'Protobuf with `schema_file`: name of the message. Without it the first one in the file.',
    example: 'shop.Order',
  },
  ...csvOptions,
};
