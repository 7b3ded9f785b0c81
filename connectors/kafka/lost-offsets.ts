import type { OpenContext } from '../connector.ts';
import { describeFailure, missingTopic } from './failure.ts';
import { lookUpOffsets } from './fetch/offset-lookup.ts';
import { Cluster } from './network/cluster.ts';
import { Dialer } from './network/dialer.ts';
import { readPosition } from './position.ts';
import { loginOf, type SourceSettings, tlsOptions } from './settings.ts';
import { earliestOffset, latestOffset } from './wire/list-offsets.ts';

/** Positions whose records are no longer in the topic. Throws ConnectorError when no broker can be asked. */
export async function lostOffsets(
  context: OpenContext,
  settings: SourceSettings,
): Promise<readonly { readonly partition: string; readonly text: string }[]> {
  const subject = { source: context.source, topic: settings.topic };
  const tls = tlsOptions(settings, context.source, context.directory);
  const dialer = new Dialer({ clientId: settings.clientId, tls, login: () => loginOf(settings, context.source) });
  const cluster = new Cluster(settings.brokers, dialer);
  try {
    const topic = await cluster.topic(settings.topic);
    if (topic === null || topic.error !== 0) throw missingTopic(subject);
    const numbers = topic.partitions.map(({ partition }) => partition).filter((number) => context.positions.has(String(number)));
    const lookUp = (timestamp: bigint) =>
      lookUpOffsets(cluster, {
        topic: settings.topic,
        committed: false,
        wanted: new Map(numbers.map((number) => [number, timestamp])),
        metadata: topic,
        stopped: () => false,
      });
    const [first, last] = [await lookUp(earliestOffset), await lookUp(latestOffset)];
    return [...context.positions].flatMap(([partition, stored]) => {
      const position = readPosition(stored);
      if (position === null) return [];
      const number = Number(partition);
      if (position.topic !== topic.id) return [{ partition, text: 'the topic was deleted and made anew' }];
      if (!numbers.includes(number)) return [{ partition, text: 'the topic has no such partition' }];
      const [from, to] = [first.get(number) ?? 0, last.get(number) ?? 0];
      if (position.offset >= from && position.offset <= to) return [];
      return [{ partition, text: `offset ${position.offset} is needed, and the log has ${from} to ${to}` }];
    });
  } catch (error) {
    throw describeFailure(subject, error);
  } finally {
    cluster.close();
  }
}
