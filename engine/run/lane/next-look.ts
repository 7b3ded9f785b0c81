import type { SourceRunner } from './source-runner.ts';

/** When (ms) a source may have something to do: rows, or a partition that becomes idle. */
export function nextOfSources(sources: readonly SourceRunner[], now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    const idleAt = source.progress.idleAt();
    next = Math.min(next, source.nextAt(now), idleAt === null || idleAt <= now ? next : idleAt);
  }
  return next;
}
