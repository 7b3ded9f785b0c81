import type { Partition } from './partition.ts';

/** Record batches of one partition as they were fetched: where they lie in the module's memory. */
export interface RecordSet {
  readonly partition: Partition;
  readonly generation: number;
  readonly address: number;
  readonly length: number;
  /** Records before this offset are not ours. */
  readonly from: number;
  readonly aborted: readonly { readonly producer: bigint; readonly first: bigint }[];
  /** Nobody reads it any more. Called once. */
  release(): void;
}

/** A partition has been read to its end. */
export interface SetEnd {
  readonly partition: Partition;
  readonly generation: number;
  readonly end: true;
}
