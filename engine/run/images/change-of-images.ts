import type { EpochCommit, ImageChange } from '../../store/store.ts';

/** A commit of nothing but images; `epoch`: the lane's last one, so that it stays that. */
export function changeOfImages(lane: number, epoch: number, images: ImageChange): EpochCommit {
  return { lane, epoch, appends: [], partitions: [], ranges: [], queries: [], counters: [], images };
}
