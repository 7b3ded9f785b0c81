import { kafkaFailure, type Subject } from './failure.ts';
import type { Partition } from './fetch/partition.ts';
import type { SourceSettings } from './settings.ts';

export interface Loss {
  /** Its offset is the one that is not there. */
  readonly partition: Partition;
  /** Offset of the first record there is, and the one after the last. */
  readonly first: number;
  readonly last: number;
  /** Where the log was cut; null where that is not known. */
  readonly end: number | null;
}

/** Where reading goes on when the record that should come next is not there, and what is to be told. Throws ConnectorError as the policy says. */
export function placeAfterLoss(
  { partition, first, last, end }: Loss,
  policy: SourceSettings['onOffsetOutOfRange'],
  subject: Subject,
): { offset: number; lost: string | null } {
  const { offset } = partition;
  if (partition.fresh && offset < first) return { offset: first, lost: null };
  const cut = end !== null || offset > last;
  // Records have come meanwhile, or another broker leads.
  if (!cut && offset >= first) return { offset, lost: null };
  if (policy === 'fail') {
    const state = cut ? `was cut at offset ${end ?? last}` : `begins at offset ${first}`;
    const message = `partition ${partition.number}, offset ${offset} is not there any more: the log ${state}`;
    throw kafkaFailure(subject, message, 'on_offset_out_of_range = earliest or latest goes on with what is there');
  }
  const lost = cut
    ? `the log was cut at offset ${end ?? last}: what had been read behind it is no more what it was, and reading goes on from there`
    : `offsets ${offset} to ${(policy === 'latest' ? last : first) - 1} were removed before they were read`;
  return { offset: cut ? (end ?? last) : policy === 'latest' ? last : first, lost };
}
