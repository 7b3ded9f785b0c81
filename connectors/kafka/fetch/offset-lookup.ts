import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost } from '../network/connection.ts';
import type { Cluster } from '../network/cluster.ts';
import { errorName, isRetriable } from '../wire/error-code.ts';
import { type ListedOffset, listOffsets } from '../wire/list-offsets.ts';
import type { PartitionMetadata, TopicMetadata } from '../wire/metadata.ts';

const triesMax = 20;
const backoffMs = 250;

/** Brokers give no offsets at the moment: another try may help. */
export class OffsetsMissing extends Error {
  override readonly name = 'OffsetsMissing';
}

export interface OffsetLookup {
  readonly topic: string;
  readonly committed: boolean;
  /** Milliseconds since 1970, or one of the special values, by partition. */
  readonly wanted: ReadonlyMap<number, bigint>;
  /** Metadata to begin with; asked anew when a leader is no more. */
  readonly metadata: TopicMetadata;
  readonly stopped: () => boolean;
}

/** Offsets by partition; -1 where no record is as late as that. Rejects when brokers go on refusing. */
export async function lookUpOffsets(cluster: Cluster, lookup: OffsetLookup): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  let topic: TopicMetadata | null = lookup.metadata;
  let reason = '';
  for (let tries = 0; tries < triesMax && !lookup.stopped(); tries++) {
    if (tries > 0) {
      await delay(backoffMs);
      topic = (await cluster.topic(lookup.topic)) ?? topic;
    }
    const missing = (topic?.partitions ?? []).filter(({ partition }) => lookup.wanted.has(partition) && !found.has(partition));
    for (const [leader, partitions] of byLeader(missing)) {
      const outcome = await askLeader(cluster, lookup, leader, partitions);
      if (typeof outcome === 'string') reason = outcome;
      else {
        for (const { partition, error, offset } of outcome) {
          if (error === 0) found.set(partition, offset);
          else if (isRetriable(error)) reason = `partition ${partition}: ${errorName(error)}`;
          else throw new Error(`partition ${partition}: the broker answers ${errorName(error)} when asked for offsets`);
        }
      }
    }
    if (found.size === lookup.wanted.size) return found;
  }
  const partitions = [...lookup.wanted.keys()].filter((each) => !found.has(each));
  throw new OffsetsMissing(`partitions ${partitions.join(', ')} give no offsets${reason === '' ? '' : `: ${reason}`}`);
}

function byLeader(partitions: readonly PartitionMetadata[]): Map<number, PartitionMetadata[]> {
  const leaders = new Map<number, PartitionMetadata[]>();
  for (const partition of partitions) {
    if (partition.leader >= 0) leaders.set(partition.leader, [...(leaders.get(partition.leader) ?? []), partition]);
  }
  return leaders;
}

async function askLeader(
  cluster: Cluster,
  { topic, committed, wanted }: OffsetLookup,
  leader: number,
  partitions: readonly PartitionMetadata[],
): Promise<readonly ListedOffset[] | string> {
  const endpoint = cluster.broker(leader);
  if (endpoint === null) return `broker ${leader} is not known`;
  const asked = partitions.map(({ partition, epoch }) => ({ partition, epoch, timestamp: wanted.get(partition) as bigint }));
  try {
    return (await cluster.ask(endpoint, listOffsets, { topic, committed, partitions: asked })).partitions;
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    return error.message;
  }
}
