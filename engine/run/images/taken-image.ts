import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { StoredImage } from '../../store/store.ts';

/** One query's part of a file. */
export interface ImageMemory {
  readonly query: string;
  readonly bytes: number;
  readonly globals: InstanceImage['globals'];
  readonly validities: InstanceImage['validities'];
}

/** An image as a lane hands it over. */
export interface TakenImage {
  readonly about: Pick<StoredImage, 'component' | 'takenAt' | 'sources' | 'points' | 'queries'>;
  readonly memories: readonly ImageMemory[];
  /** The memories, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For how long (ms) the lane did nothing else. */
  readonly pauseMs: number;
}
