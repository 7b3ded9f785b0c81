import type { StoredImage } from '../../store/store.ts';
import type { EngineEvent } from '../runtime-status.ts';
import type { ImageChoice } from './choose-images.ts';

/** What a restart goes on from, and what it does not use. */
export function tellOfImages(engine: { tell(event: Omit<EngineEvent, 'at'>): void }, { chosen, left }: ImageChoice): void {
  for (const { image } of chosen) {
    const text = `${idsOf(image)}: on from the image of memory of ${timeOf(image)} (${image.bytes.toLocaleString('en-US')} bytes)`;
    engine.tell({ level: 'info', kind: 'image', subject: null, text });
  }
  for (const { image, why, damaged } of left) {
    const text = `the image of memory of ${timeOf(image)} of ${idsOf(image)} is not used: ${why}`;
    engine.tell({ level: damaged ? 'warning' : 'info', kind: 'image', subject: null, text });
  }
}

export function timeOf({ takenAt }: StoredImage): string {
  return new Date(takenAt).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function idsOf({ queries }: StoredImage): string {
  return queries.map(({ id }) => id).join(', ');
}
