import { Consumer, MessagesStreamModes } from '@platformatic/kafka';
import type { Consume } from './consumed.ts';

export const consume: Consume = async ({ brokers, topic, messages }, started) => {
  let seen = 0;
  let sum = 0;
  started();
  const consumer = new Consumer({
    groupId: `bench-${process.pid}`,
    clientId: 'bench',
    bootstrapBrokers: brokers.split(','),
    autocommit: false,
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, maxBytes: 8 << 20, maxWaitTime: 500 });
  await new Promise<void>((resolve) => {
    stream.on('data', ({ value }) => {
      sum += (value as Buffer).length + ((value as Buffer)[12] as number);
      if (++seen === messages) resolve();
    });
  });
  return {
    messages: seen,
    sum,
    close: async () => {
      await stream.close();
      await consumer.close(true);
    },
  };
};
