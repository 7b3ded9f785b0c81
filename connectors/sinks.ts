import { fileSink } from './file/sink/file-sink.ts';
import { kafkaSink } from './kafka/sink/kafka-sink.ts';
import type { SinkConnector } from './sink.ts';

/** Every connector that takes rows, by the name that stands behind `connector =`. */
export const sinks: ReadonlyMap<string, SinkConnector> = new Map([fileSink, kafkaSink].map((sink) => [sink.name, sink]));
