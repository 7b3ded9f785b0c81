import { newestPerson } from './event-numbers.ts';
import type { NexmarkRandom } from './random.ts';

/** Of every hundred persons and auctions, one is hot: it gets most of the bids. */
export const hotStep = 100;
const activePersonsMax = 1000;
/** Numbers that are drawn ahead of what exists. */
export const leadMax = 10;

/** Three in four the hot person (plus `offset`), else one of those active. Numbers from 0. */
export function drawPerson(random: NexmarkRandom, event: number, offset: number): number {
  const newest = newestPerson(event);
  if (random.below(4) > 0) return Math.floor(newest / hotStep) * hotStep + offset;
  const born = newest + 1;
  const active = Math.min(born, activePersonsMax);
  return born - active + random.below(active + leadMax);
}
