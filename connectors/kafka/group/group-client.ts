import { setTimeout as delay } from 'node:timers/promises';
import { describeFailure, kafkaFailure, type Subject } from '../failure.ts';
import { Cluster } from '../network/cluster.ts';
import { ConnectionLost, type Endpoint } from '../network/connection.ts';
import { Dialer } from '../network/dialer.ts';
import { TransactionalProducer } from '../produce/transactional-producer.ts';
import { OwnProducer } from './own-producer.ts';
import { type ConnectionSettings, loginOf, tlsOptions } from '../settings.ts';
import { createTopic } from '../wire/create-topic.ts';
import { deleteRecords } from '../wire/delete-records.ts';
import { errorCodes, errorName, isRetriable, isStaleEpoch } from '../wire/error-code.ts';
import { fetchCommittedOffsets, fetchCommittedOffsetsAsMember } from '../wire/offset-fetch.ts';
import type { GroupMember } from '../wire/transaction.ts';
import { MemberLink } from './member-link.ts';
import { GroupFault } from './group-fault.ts';

const answerMsMax = 30_000;
const retryMs = 100;
const triesMax = 300;

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Questions about a group and its topics, each asked until it is answered or no other try would help. */
export class GroupClient {
  readonly cluster: Cluster;
  readonly group: string;
  readonly #link: MemberLink;
  readonly #brokers: readonly Endpoint[];
  #closed = false;

  /** `directory`: relative paths of certificates start there. Throws ConnectorError. */
  constructor(settings: ConnectionSettings, group: string, directory: string) {
    const tls = tlsOptions(settings, group, directory);
    loginOf(settings, group);
    const dialer = new Dialer({ clientId: settings.clientId, tls, login: () => loginOf(settings, group) });
    this.cluster = new Cluster(settings.brokers, dialer);
    this.group = group;
    this.#brokers = settings.brokers;
    this.#link = new MemberLink(this.cluster, group);
  }

  /** How many partitions a topic has; null: there is none. Throws ConnectorError. */
  async partitionsOf(topic: string): Promise<number | null> {
    try {
      const found = await this.cluster.topic(topic);
      if (found === null) return null;
      if (found.error !== 0) throw kafkaFailure(this.#subject(topic), `the broker answers ${errorName(found.error)}`);
      return found.partitions.length;
    } catch (error) {
      throw describeFailure(this.#subject(topic), error);
    }
  }

  /** Makes a topic unless there is one, and answers how many partitions it has. Throws ConnectorError. */
  async ensureTopic(topic: NewTopic): Promise<number> {
    const subject = this.#subject(topic.name);
    for (let tries = 0; tries < triesMax; tries++) {
      const partitions = await this.partitionsOf(topic.name).catch((error: unknown) => {
        if (tries === 0 || !/LEADER_NOT_AVAILABLE|REPLICA_NOT_AVAILABLE/.test(String(error))) throw error;
        return 0;
      });
      if (partitions !== null && partitions > 0) return partitions;
      const { name, partitions: count, config } = topic;
      const request = { topic: name, partitions: count, replicas: -1, configs: config, timeoutMs: answerMsMax };
      const answer = await this.cluster.askAny(createTopic, request).catch((fault: unknown) => {
        throw describeFailure(subject, fault);
      });
      const { error, message } = answer ?? { error: 0, message: null };
      if (error !== 0 && error !== errorCodes.TOPIC_ALREADY_EXISTS && !isRetriable(error)) {
        const hint = 'make it beforehand, or grant the user Create on the cluster or on topics of this prefix';
        throw kafkaFailure(subject, `it cannot be made: ${message ?? errorName(error)}`, hint);
      }
      await delay(retryMs);
    }
    throw kafkaFailure(subject, 'it was made, and the broker does not know of it');
  }

  /** Removes what lies before an offset. Rejects when the broker does not: another try is as good. */
  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    const found = await this.cluster.topic(topic);
    const leader = this.cluster.broker(found?.partitions.find((each) => each.partition === partition)?.leader ?? -1);
    if (leader === null) throw kafkaFailure(this.#subject(topic), `partition ${partition} has no leader`);
    const error = await this.cluster.ask(leader, deleteRecords, { topic, partition, before, timeoutMs: answerMsMax });
    if (error !== 0)
      throw kafkaFailure(this.#subject(topic), `old records cannot be removed: ${errorName(error)}`, 'grant the user Delete on it');
  }

  /** What was committed for a partition; null: nothing. Waits for transactions that are under way. `asks`: who asks, as the group knows it now. */
  async committed(
    topic: string,
    partition: number,
    asks: () => GroupMember | null = () => null,
  ): Promise<{ readonly offset: number; readonly metadata: string | null } | null> {
    for (let tries = 1; ; tries++) {
      try {
        const member = asks();
        const request = { group: this.group, partitions: [{ topic, partition }], requireStable: true };
        const { error, offsets } = await (member === null
          ? this.#link.ask(fetchCommittedOffsets, request, answerMsMax)
          : this.#link.ask(fetchCommittedOffsetsAsMember, { ...request, member }, answerMsMax));
        const [found] = offsets;
        const fault = error === 0 ? (found?.error ?? 0) : error;
        if (fault !== 0) throw new GroupFault(fault);
        return found === undefined || found.offset < 0n ? null : { offset: Number(found.offset), metadata: found.metadata };
      } catch (error) {
        const passes =
          error instanceof ConnectionLost ||
          (error as Error).name === 'NoBroker' ||
          (error instanceof GroupFault && (isRetriable(error.code) || isStaleEpoch(error.code)));
        if (!passes || this.#closed || tries >= triesMax) throw describeFailure(this.#subject(topic), error);
        if (!(error instanceof GroupFault) || error.moved) this.#link.reset();
        await delay(retryMs);
      }
    }
  }

  /** Fences whoever had the transactional id. It has connections of its own, so that producers do not wait for one another. */
  async producer(transactionalId: string, transactionTimeoutMs: number): Promise<OwnProducer> {
    const cluster = new Cluster(this.#brokers, this.cluster.dialer);
    try {
      const options = { client: cluster, transactionalId, transactionTimeoutMs, deliveryMsMax: answerMsMax, compression: 'lz4' } as const;
      return new OwnProducer(await TransactionalProducer.open(options), cluster);
    } catch (error) {
      cluster.close();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#link.reset();
    this.cluster.close();
  }

  #subject(topic: string): Subject {
    return { source: this.group, topic };
  }
}
