import type { SinkConnector } from '../../sink.ts';
import { kafkaSinkOptions } from './sink-options.ts';
import { checkKafkaSink } from './sink-settings.ts';

export const kafkaSink: SinkConnector = {
  name: 'kafka',
  summary:
    'Writes a topic of Apache Kafka 3.1 or newer in transactions: whoever reads it with `isolation.level = read_committed` sees each row exactly ' +
    'once, in whatever way processes and brokers stop. Messages are taken by all replicas in sync (`acks = all`). ' +
    'Users read [Kafka](kafka.md#writing).',
  options: kafkaSinkOptions,
  takesChanges: true,
  check: checkKafkaSink,
  // Only a thread that writes to Kafka loads what it takes.
  open: async (context) => (await import('./open-sink.ts')).openKafkaSink(context),
};
