import type { OptionSpecs } from '../options.ts';

/** Options of the connection, of a source and of whatever else speaks with brokers. */
export const connectionOptions: OptionSpecs = {
  brokers: {
    type: 'text',
    description: 'Brokers to ask first, `host:port`, separated by commas; the others are learnt from them.',
    required: true,
    example: 'kafka-1:9092, kafka-2:9092',
  },
  client_id: {
    type: 'text',
    description: 'Name under which brokers know this client, in their logs and quotas.',
    default: 'millrace',
  },
  tls: { type: 'boolean', description: 'Speak TLS with the brokers.', default: 'false' },
  tls_ca: {
    type: 'text',
    description: 'File with the certificates (PEM) of the authorities to trust; without it those that Node.js trusts.',
    example: 'certs/ca.pem',
  },
  tls_cert: { type: 'text', description: 'File with our certificate (PEM), for brokers that ask for one.', example: 'certs/client.pem' },
  tls_key: { type: 'text', description: 'File with the key (PEM) of `tls_cert`.', example: 'certs/client.key' },
  sasl: {
    type: 'choice',
    description: 'How to log in.',
    choices: ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'],
    default: 'none',
  },
  user: { type: 'text', description: 'User to log in as, with `plain` and `scram-*`.', example: 'millrace' },
  secret_env: {
    type: 'text',
    description:
      'Name of the environment variable that holds the password, or the token of `oauthbearer`. It is read anew for each connection and never written anywhere.',
    example: 'KAFKA_PASSWORD',
  },
};

/** Options of a source, besides those of its format. */
export const sourceOptions: OptionSpecs = {
  topic: { type: 'text', description: 'Topic to read, all of its partitions.', required: true, example: 'orders', identity: true },
  start: {
    type: 'text',
    description:
      'Where to begin when nothing was read before: `earliest`, `latest`, or a time (`2026-01-31T12:00:00Z`): the first record as late as that. Partitions that are added later are read from their beginning.',
    default: 'earliest',
    example: 'latest',
  },
  end: {
    type: 'choice',
    description: 'Where to stop: `never`, or at the `latest` record that was there when the source was opened.',
    choices: ['never', 'latest'],
    default: 'never',
  },
  on_offset_out_of_range: {
    type: 'choice',
    description:
      'What to do when the records to be read next are gone (retention, or the topic was made anew): `fail`; go on with the `earliest` there are; or go on with what comes now (`latest`). What was lost is told in `<source>__rejected`.',
    choices: ['fail', 'earliest', 'latest'],
    default: 'fail',
  },
  on_topic_deleted: {
    type: 'choice',
    description:
      'What to do when the topic is gone while it is read: `fail` after 30 s; or `wait`, in sight, until it is made again. Either way other sources go on, and `on_offset_out_of_range` says what is done with a new topic of the same name.',
    choices: ['fail', 'wait'],
    default: 'fail',
  },
  isolation: {
    type: 'choice',
    description: '`read_committed` passes over records of transactions that were aborted, and waits for those that are open.',
    choices: ['read_committed', 'read_uncommitted'],
    default: 'read_committed',
  },
  check_crc: { type: 'boolean', description: "Check every record batch's checksum.", default: 'true' },
  fetch_max_bytes: {
    type: 'bytes',
    description: 'Bytes that a broker may send at once; two such responses are held for each broker.',
    default: '8 MiB',
    minimum: 65_536,
    maximum: 134_217_728,
  },
  fetch_max_partition_bytes: {
    type: 'bytes',
    description: 'Bytes of one partition that a broker may send at once.',
    default: '4 MiB',
    minimum: 4_096,
    maximum: 134_217_728,
  },
  fetch_min_bytes: {
    type: 'bytes',
    description: 'Bytes that a broker waits for before it answers: more of them cost less CPU and more delay.',
    default: '1 B',
    minimum: 1,
  },
  fetch_max_wait: {
    type: 'duration',
    description: 'Time after which a broker answers with what it has.',
    default: '500 ms',
    maximum: 30_000,
  },
  max_batch_bytes: {
    type: 'bytes',
    description: 'A record batch that is larger than this when decompressed is rejected.',
    default: '64 MiB',
    minimum: 65_536,
    maximum: 536_870_912,
  },
  memory_limit: {
    type: 'bytes',
    description: 'Memory for responses, decompressed batches and decoding, for each lane that reads the source.',
    default: '256 MiB',
    minimum: 33_554_432,
    maximum: 2_147_483_648,
  },
  metadata_max_age: {
    type: 'duration',
    description: 'How often brokers are asked for partitions that were added.',
    default: '30 s',
    minimum: 100,
  },
};
