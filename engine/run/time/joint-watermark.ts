import { endOfTime } from './event-time.ts';
import { earliest, latest } from './extremes.ts';

interface Following {
  /** Microseconds; null before the first; `endOfTime` when it has ended. */
  readonly outputWatermark: bigint | null;
  readonly idle: boolean;
}

/**
 * Watermark of rows from several inputs: the least of the active ones, null while one of them has none; when all that have not ended
 * are idle, the furthest that any of these has reached.
 */
export function jointWatermark(inputs: readonly Following[]): bigint | null {
  const open = inputs.filter((input) => input.outputWatermark !== endOfTime);
  if (open.length === 0) return inputs.length === 0 ? null : endOfTime;
  const active = open.filter((input) => !input.idle).map((input) => input.outputWatermark);
  if (active.length === 0) return latest(open.map((input) => input.outputWatermark));
  return active.includes(null) ? null : earliest(active);
}

/** All that have not ended are idle, and there are some. */
export function jointIdle(inputs: readonly Following[]): boolean {
  const open = inputs.filter((input) => input.outputWatermark !== endOfTime);
  return open.length > 0 && open.every((input) => input.idle);
}
