import type { ImageStatus } from '../runtime-status.ts';

/** Of several lanes that keep images each for itself. */
export function mergeImages(all: readonly ImageStatus[]): ImageStatus {
  const sum = (of: (status: ImageStatus) => number) => all.reduce((total, status) => total + of(status), 0);
  const times = all.flatMap(({ oldestAt }) => (oldestAt === null ? [] : [oldestAt]));
  return {
    taken: sum(({ taken }) => taken),
    failed: sum(({ failed }) => failed),
    bytes: sum(({ bytes }) => bytes),
    oldestAt: times.length === 0 ? null : Math.min(...times),
    pauseMs: sum(({ pauseMs }) => pauseMs),
    pauseMsMax: Math.max(0, ...all.map(({ pauseMsMax }) => pauseMsMax)),
  };
}
