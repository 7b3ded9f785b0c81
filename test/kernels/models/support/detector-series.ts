import type { Random } from '../../../connectors/random.ts';

/** Values of series of all kinds, for kernels beside their definitions: NaN is a gap. */
export const detectorSeries: Readonly<Record<string, (random: Random, row: number) => number>> = {
  noise: (random) => random.next(),
  'a daily wave': (random, row) => 20 + 5 * Math.sin(row / 46) + random.next(),
  'values of 10^18': (random) => 1e18 * (1 + random.next()),
  'values of 10^-18': (random) => 1e-18 * random.next(),
  'a counter': (_, row) => row * 17,
  'a constant, and a step': (_, row) => (row < 2_000 ? 3 : 4),
  'spikes and gaps': (random, row) => (row % 11 === 5 ? Number.NaN : random.next() < 0.01 ? 100 * random.next() : 0),
  'what is no number': (random, row) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN][row % 5] ?? random.next(),
  'heavy tails': (random) => 1 / (1 - random.next()),
};
