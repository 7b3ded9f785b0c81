import type { Batch } from '../../../connectors/batch.ts';
import type { Position, RejectedRow } from '../../../connectors/connector.ts';
import type { PartitionProgress } from './partition-progress.ts';

/** Rows taken from a partition. Afterwards it stands `skip` rows after `position`. */
export interface Slice {
  readonly partition: PartitionProgress;
  readonly batch: Batch;
  /** Given with the last part of the batch in which they were found. */
  readonly rejected: readonly RejectedRow[];
  readonly position: Position;
  readonly skip: number;
  /** Given with the last part of the batch: the event time (microseconds) that the partition says it has reached. */
  readonly reached?: bigint | undefined;
  /** With `reached`: no row so far has an event time (microseconds) after this. */
  readonly newest?: bigint | undefined;
  /** Set with the last part of a batch: tells the reader that nothing of it is used any more. */
  readonly release?: (() => void) | undefined;
}
