import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll } from 'vitest';
import { missingCertificateTool } from '../broker/certificates.ts';
import { type ClusterOptions, KafkaCluster } from '../broker/cluster.ts';
import { missingTools } from '../broker/jars.ts';
import { JavaClient } from './java-client.ts';
import { makeTopic } from './make-topic.ts';

const missing = missingTools() ?? missingCertificateTool();
if (missing !== null) process.stdout.write(`no Kafka broker for these tests: ${missing}\n`);
/** False: there is no broker to test with. */
export const kafkaIsHere = missing === null;

export interface KafkaFixture {
  readonly cluster: KafkaCluster;
  readonly kafka: Kafka;
  readonly java: JavaClient;
  /** Makes a topic under a name of its own. */
  topic(partitions?: number, config?: Readonly<Record<string, string>>, replicas?: number): Promise<string>;
  /** Options of a source that reads it. */
  options(topic: string): Record<string, string>;
}

let names = 0;
const startMsMax = 180_000;

/** A cluster and clients for the tests of one file. */
export function useKafka(options: ClusterOptions = {}): KafkaFixture {
  const parts: { cluster?: KafkaCluster; kafka?: Kafka; java?: JavaClient } = {};
  beforeAll(async () => {
    if (!kafkaIsHere) return;
    parts.cluster = await KafkaCluster.start(options);
    parts.kafka = new Kafka({ brokers: parts.cluster.addresses().split(','), logLevel: logLevel.NOTHING, retry: { retries: 8 } });
    parts.java = await JavaClient.start(parts.cluster);
  }, startMsMax);
  afterAll(async () => {
    await parts.java?.close();
    await parts.cluster?.stop();
  });
  const topic: KafkaFixture['topic'] = async (numPartitions = 1, config = {}, replicationFactor = 1) => {
    const name = `topic-${process.pid}-${++names}`;
    await makeTopic(parts.kafka!, name, { partitions: numPartitions, config, replicas: replicationFactor });
    return name;
  };
  return {
    get cluster() {
      return parts.cluster!;
    },
    get kafka() {
      return parts.kafka!;
    },
    get java() {
      return parts.java!;
    },
    topic,
    options: (name) => ({ brokers: parts.cluster!.addresses(), topic: name }),
  };
}
