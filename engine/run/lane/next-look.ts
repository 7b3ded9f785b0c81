import { type Epoch, epochMsMax } from './epoch.ts';
import type { SourceRunner } from './source-runner.ts';

/** When (ms) a lane that has nothing to do looks again, at the latest at `atMost`: rows may be due, a source idle, the epoch over. */
export function nextLook(atMost: number, epoch: Epoch, full: boolean, sources: readonly SourceRunner[], now: number): number {
  let next = epoch.touched && !full ? Math.min(atMost, epoch.begunAt + epochMsMax) : atMost;
  for (const source of sources) {
    const idleAt = source.progress.idleAt();
    next = Math.min(next, source.nextAt(now), idleAt === null || idleAt <= now ? next : idleAt);
  }
  return next;
}
