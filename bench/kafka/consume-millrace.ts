import { openSource } from '../../connectors/kafka/open-source.ts';
import { readSourceSettings } from '../../connectors/kafka/settings.ts';
import { setFlagsForKernels } from '../../engine/run/v8-flags.ts';
import { optionValues } from '../../test/kafka/support/option-values.ts';
import type { Consume } from './consumed.ts';
import { compiled, openContext, rowColumns } from './millrace-source.ts';

/** The connector: without a decoder each value's length and one byte are read, with it one column is summed; or a whole run. */
export const consume: Consume = async (task, started, ended) => {
  if (task.work === 'aggregate') return (await import('./run-millrace.ts')).aggregate(task, started, ended);
  // As the lanes of an engine have them.
  setFlagsForKernels();
  return task.work === 'consume' ? read(task, started, ended) : decode(task, started, ended);
};

const read: Consume = async (task, started, ended) => {
  const { brokers, topic, options } = task;
  const values = optionValues({ brokers, topic, ...options });
  const program = await compiled({ ...task, work: 'consume' }, values);
  let count = 0;
  let sum = 0;
  started();
  const reader = await openSource(openContext([], values, program), readSourceSettings(values), program, (_program, module) => ({
    prepare: () => null,
    decode(spans, from, to) {
      const { words, bytes } = module;
      for (let index = from; index < to; index++) {
        sum += (words[spans.valueLengths / 4 + index] as number) + (bytes[(words[spans.values / 4 + index] as number) + 12] as number);
      }
      count += to - from;
      return { batch: { rows: to - from, columns: [] }, rejected: [], next: to, nextRow: 0, release: () => undefined };
    },
    unknownFields: () => new Map(),
    close: () => undefined,
  }));
  while (count < task.messages) await reader.poll();
  ended();
  return { count, sum, close: () => reader.close() };
};

const decode: Consume = async (task, started, ended) => {
  const { kafka } = await import('../../connectors/kafka/kafka.ts');
  const { brokers, topic, options, format } = task;
  const columns = rowColumns(task);
  const values = { ...optionValues({ brokers, topic, ...options }), format };
  const program = await compiled(task, values);
  const place = columns.findIndex(({ name }) => name === 'status');
  let count = 0;
  let sum = 0;
  started();
  const reader = await kafka.open(openContext(columns, values, program));
  while (count < task.rows) {
    const polled = await reader.poll();
    if (!('batch' in polled)) continue;
    const { batch, rejected } = polled;
    if (rejected.length > 0) throw new Error(`a message was rejected: ${rejected[0]?.reason}`);
    const status = batch.columns[place];
    if (batch.rows > 0 && status?.kind === 'fixed') for (let row = 0; row < batch.rows; row++) sum += Number(status.data[row]);
    count += batch.rows;
    polled.release?.();
  }
  ended();
  return { count, sum, close: () => reader.close() };
};
