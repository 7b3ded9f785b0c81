import { setTimeout as delay } from 'node:timers/promises';
import { kafkaFailure, missingTopic, type Subject } from '../failure.ts';
import type { Cluster } from '../network/cluster.ts';
import { createTopic } from '../wire/create-topic.ts';
import { describeTopic } from '../wire/describe-topic.ts';
import { errorCodes, errorName, isRetriable } from '../wire/error-code.ts';
import type { KafkaSinkSettings } from './sink-settings.ts';

const triesMax = 25;
const backoffMs = 200;
const createMsMax = 30_000;
const messageBytesDefault = 1_048_588;

export interface SinkTopic {
  readonly partitions: number;
  /** Largest batch that it takes. */
  readonly messageBytesMax: number;
}

/** Finds the topic, or makes it where that is wanted. Rejects with ConnectorError or an error of the network. */
export async function findSinkTopic(cluster: Cluster, subject: Subject, { creates }: KafkaSinkSettings): Promise<SinkTopic> {
  let made = false;
  for (let tries = 1; ; tries++) {
    const topic = await cluster.topic(subject.topic);
    if (topic !== null && topic.error === errorCodes.TOPIC_AUTHORIZATION_FAILED) throw notAllowed(subject);
    if (topic !== null && topic.error === 0 && topic.partitions.length > 0) {
      return { partitions: topic.partitions.length, messageBytesMax: await largestMessage(cluster, subject.topic) };
    }
    if (topic === null && creates !== null && !made) {
      made = true;
      await make(cluster, subject, creates);
    } else if (tries >= triesMax || (topic === null && creates === null && tries >= 5))
      throw creates === null ? absent(subject) : missingTopic(subject);
    await delay(backoffMs);
  }
}

async function make(cluster: Cluster, subject: Subject, { partitions, replicas }: { partitions: number; replicas: number }): Promise<void> {
  const request = { topic: subject.topic, partitions, replicas, configs: {}, timeoutMs: createMsMax };
  const answer = await cluster.askAny(createTopic, request);
  const error = answer?.error ?? 0;
  if (error === 0 || error === errorCodes.TOPIC_ALREADY_EXISTS || isRetriable(error)) return;
  const denied = error === errorCodes.TOPIC_AUTHORIZATION_FAILED || error === errorCodes.CLUSTER_AUTHORIZATION_FAILED;
  throw kafkaFailure(
    subject,
    `the topic cannot be made: the broker answers ${errorName(error)}${answer?.message ? ` (${answer.message})` : ''}`,
    denied
      ? 'grant the user Create on the topic, or make it beforehand'
      : 'check partitions and replication: there must be as many brokers as replicas',
  );
}

/** Who may not ask for it gets what brokers have by default. */
async function largestMessage(cluster: Cluster, topic: string): Promise<number> {
  const { error, value } = await cluster.askAny(describeTopic, { topic, setting: 'max.message.bytes' });
  const bytes = Number(value);
  return error === 0 && bytes > 0 ? bytes : messageBytesDefault;
}

function absent(subject: Subject) {
  return kafkaFailure(subject, 'there is no such topic, or the user may not know of it', 'make it, or write create_topic = true');
}

export function notAllowed(subject: Subject) {
  return kafkaFailure(subject, 'the user may not write to the topic', 'grant it Write, Read and Describe on the topic');
}
