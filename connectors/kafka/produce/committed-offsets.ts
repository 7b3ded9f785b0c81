import type { Cluster } from '../network/cluster.ts';
import { type CommittedOffset, fetchCommittedOffsets } from '../wire/offset-fetch.ts';
import type { TopicPartition } from '../wire/transaction.ts';
import { CoordinatorLink } from './coordinator.ts';
import { RequestRefused } from './producer-error.ts';

const msMaxDefault = 60_000;

/**
 * What a group has committed; null asks for all its partitions. Waits for transactions that are being ended. Rejects with OutcomeUnknown or
 * RequestRefused.
 */
export async function committedOffsets(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[] | null,
  msMax = msMaxDefault,
): Promise<readonly CommittedOffset[]> {
  const link = new CoordinatorLink(cluster, 'group', group, msMax);
  const request = { group, partitions, requireStable: true };
  const answer = await link.ask(
    fetchCommittedOffsets,
    request,
    ({ error, offsets }) => error || (offsets.find((each) => each.error !== 0)?.error ?? 0),
  );
  const fault = answer.error || (answer.offsets.find((each) => each.error !== 0)?.error ?? 0);
  if (fault !== 0) throw new RequestRefused(fault, `group ${group}`);
  return answer.offsets;
}
