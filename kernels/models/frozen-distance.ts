/** A channel's distance counts at most so many standard deviations. */
const distanceMax = 30;
/** Share of a mean below which a deviation is floating noise. */
const noise = 1e-6;

export interface FrozenDistance {
  /** NaN for a channel without a value; null while it still learns. */
  step(row: readonly number[]): number | null;
}

/**
 * Mean over the channels of |z|, by the means and standard deviations of the first `rows` rows, which do not change any more: the plainest
 * detector of a host, and hard to beat where the first rows are good ones. Channels that did not vary count nothing.
 */
export function frozenDistance(channels: number, rows: number): FrozenDistance {
  const learnt = Array.from({ length: channels }, () => ({ values: 0, mean: 0, squares: 0 }));
  let seen = 0;
  return {
    step(row) {
      if (seen++ >= rows) return distanceOf(learnt, row);
      for (const [k, channel] of learnt.entries()) {
        const value = row[k] as number;
        if (Number.isNaN(value)) continue;
        channel.values++;
        const error = value - channel.mean;
        channel.mean += error / channel.values;
        channel.squares += error * (value - channel.mean);
      }
      return null;
    },
  };
}

interface Learnt {
  readonly values: number;
  readonly mean: number;
  readonly squares: number;
}

function distanceOf(learnt: readonly Learnt[], row: readonly number[]): number {
  let sum = 0;
  let present = 0;
  for (const [k, { values, mean, squares }] of learnt.entries()) {
    const value = row[k] as number;
    if (Number.isNaN(value)) continue;
    present++;
    const deviation = values > 0 ? Math.sqrt(squares / values) : 0;
    if (deviation > noise * Math.abs(mean)) sum += Math.min(Math.abs(value - mean) / deviation, distanceMax);
  }
  return sum / present;
}
