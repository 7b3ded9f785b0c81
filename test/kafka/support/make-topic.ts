import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';

const leaderTriesMax = 400;

export interface TopicSettings {
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly replicas?: number;
}

/** Makes a topic, and waits until brokers know who leads it. */
export async function makeTopic(
  kafka: Kafka,
  topic: string,
  { partitions = 1, config = {}, replicas = 1 }: TopicSettings = {},
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions, replicationFactor: replicas, configEntries }],
    waitForLeaders: false,
  });
  await waitForLeaders(admin, topic, partitions);
  await admin.disconnect();
}

/** A broker that has just made a topic may not know of it for a moment. */
async function waitForLeaders(admin: Admin, topic: string, partitions: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => ({ topics: [] }));
    if ((topics[0]?.partitions.filter(({ leader }) => leader >= 0).length ?? 0) >= partitions) return;
    if (tries >= leaderTriesMax) throw new Error(`topic ${topic} has no leaders`);
    await delay(50);
  }
}
