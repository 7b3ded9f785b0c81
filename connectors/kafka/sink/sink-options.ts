import type { OptionSpecs } from '../../options.ts';
import { connectionOptions } from '../options.ts';
import { codecs } from '../produce/compress.ts';

export const kafkaSinkOptions: OptionSpecs = {
  ...connectionOptions,
  topic: { type: 'text', description: 'Topic to write to.', required: true, example: 'order_totals' },
  format: {
    type: 'choice',
    description:
      "How a row becomes a message's value: a JSON object; one line of CSV, without a header; `text` and `raw` write the one column that is neither key, header nor timestamp, as it is; `avro` writes a record whose schema is kept in a schema registry.",
    choices: ['json', 'csv', 'text', 'raw', 'avro'],
    default: 'json',
  },
  schema_registry: {
    type: 'text',
    description:
      'Avro: address of a Confluent schema registry; messages begin with the number of their schema. A name and password come from the environment: MILLRACE_SCHEMA_REGISTRY_USER and MILLRACE_SCHEMA_REGISTRY_PASSWORD.',
    example: 'http://localhost:8081',
  },
  schema_registry_timeout: { type: 'duration', description: 'How long one request to the schema registry may take.', default: '10 s' },
  schema_file: {
    type: 'text',
    description:
      'Avro: file with the schema (.avsc), relative to the folder of the query file; columns must fit its fields. Without it the schema is made of the columns.',
    example: 'schemas/order.avsc',
  },
  subject: { type: 'text', description: 'Avro: subject of the schema. Default: the topic and `-value`.', example: 'orders-value' },
  register_schema: {
    type: 'boolean',
    description: 'Avro: register the schema where the subject does not have it; with false it must be there.',
    default: 'true',
  },
  key: {
    type: 'text',
    description:
      'Columns, with commas between, that make the key of a message; they stay in the value, unless that is text or raw. Without it messages have no key; those of a result that changes have what its rows are known by (the columns of its GROUP BY).',
    example: 'shop, window_start',
  },
  key_format: {
    type: 'choice',
    description:
      'A key as `text` (of one column; a BLOB as its bytes) or as a JSON object. Default: text where it is one column, else JSON.',
    choices: ['text', 'json'],
  },
  headers: {
    type: 'text',
    description: 'Columns, with commas between, that become headers of the message, as text, and are left out of its value.',
    example: 'tenant, trace_id',
  },
  timestamp: {
    type: 'column',
    description: 'TIMESTAMP column that becomes the timestamp of the message; it stays in the value. Without it: when the row was written.',
    example: 'window_end',
  },
  changelog: {
    type: 'choice',
    description:
      'How a result that changes is written. `upsert`: a message has the newest row of its key, and a key whose row has gone a tombstone (no value), as compacted topics want it. `operations`: every change as a row with a column `_op` more, `insert` or `delete`.',
    choices: ['upsert', 'operations'],
    default: 'upsert',
  },
  partitioner: {
    type: 'choice',
    description:
      "`murmur2` gives a key the same partition as Java's producer does; messages without a key, and all of them with `round_robin`, go to one partition after the other, a batch each.",
    choices: ['murmur2', 'round_robin'],
    default: 'murmur2',
  },
  compression: { type: 'choice', description: 'How batches are compressed.', choices: codecs, default: 'none' },
  batch_bytes: {
    type: 'bytes',
    description: 'A batch is closed at this size, before compression; never more than the topic takes (`max.message.bytes`).',
    default: '512 KiB',
    minimum: 1_024,
    maximum: 67_108_864,
  },
  linger: {
    type: 'duration',
    description: 'How long committed epochs wait for others to be published in the same transaction: fewer transactions, more delay.',
    default: '0 s',
    maximum: 60_000,
  },
  transactional_id: {
    type: 'text',
    description:
      'Begins the transactional id, and the name of the group that keeps the position; the topic and the name of the sink follow: `millrace-order_totals-out`. Two data folders that write to one topic by sinks of one name need different ones.',
    default: 'millrace',
    example: 'shop-eu',
  },
  transaction_timeout: {
    type: 'duration',
    description: 'The broker aborts a transaction of ours that is open for longer, so that readers are not held up by a process that died.',
    default: '1 min',
    minimum: 1_000,
    maximum: 900_000,
  },
  spool_limit: {
    type: 'bytes',
    description:
      'Bytes of rows that may wait in the data folder while no broker takes them; then the queries that write here wait, and nothing is lost.',
    default: '1 GiB',
    minimum: 65_536,
  },
  create_topic: { type: 'boolean', description: 'Make the topic where it is absent.', default: 'false' },
  partitions: {
    type: 'integer',
    description: 'With `create_topic`: partitions of the topic. Default: as the brokers are set.',
    minimum: 1,
    maximum: 10_000,
    example: '12',
  },
  replication: {
    type: 'integer',
    description: 'With `create_topic`: replicas of each partition. Default: as the brokers are set.',
    minimum: 1,
    maximum: 100,
    example: '3',
  },
  on_lost_position: {
    type: 'choice',
    description:
      'What to do with rows that wait when the cluster has forgotten how far it was written (`offsets.retention.minutes` went by while we were away, or the group was deleted): `fail`; `publish` them, some perhaps for the second time; or `drop` them.',
    choices: ['fail', 'publish', 'drop'],
    default: 'fail',
  },
};
