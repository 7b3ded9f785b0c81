import { Consumer, MessagesStreamModes } from '@platformatic/kafka';
import { arrowRows } from './arrow-rows.ts';
import { type Consume, plainWork } from './consumed.ts';

export const consume: Consume = async (task, started, ended) => {
  const work = plainWork(task, arrowRows);
  let seen = 0;
  started();
  const consumer = new Consumer({
    groupId: `bench-${process.pid}`,
    clientId: 'bench',
    bootstrapBrokers: task.brokers.split(','),
    autocommit: false,
  });
  const stream = await consumer.consume({ topics: [task.topic], mode: MessagesStreamModes.EARLIEST, maxBytes: 8 << 20, maxWaitTime: 500 });
  await new Promise<void>((resolve) => {
    stream.on('data', ({ value }) => {
      work.take(value as Buffer);
      if (++seen === task.messages) resolve();
    });
  });
  const result = work.result();
  ended();
  return {
    ...result,
    close: async () => {
      await stream.close();
      await consumer.close(true);
    },
  };
};
