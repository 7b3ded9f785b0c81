import { Random } from '../../../connectors/random.ts';

/** Event time in microseconds, and a value; null is a gap. */
export type Row = readonly [micros: bigint, value: number | null];

const minute = 60_000_000n;
const start = 1_700_000_000_000_000n;
const rowsOf = (count: number, step: bigint, value: (row: number) => number | null): Row[] =>
  Array.from({ length: count }, (_, row) => [start + BigInt(row) * step, value(row)]);

/** Series of all kinds: name, rows, microseconds of a step (0: to be learnt). */
export function everySeries(): readonly (readonly [string, readonly Row[], bigint])[] {
  const random = new Random(5);
  const wave = (row: number) => 20 + 5 * Math.sin(row / 30) + random.next();
  const hour = 60n * minute;
  const gappy = rowsOf(400, hour, (row) => (row % 13 === 4 ? null : row % 17 === 5 ? Number.NaN : wave(row)));
  const disordered = rowsOf(300, hour, wave).map(([micros, value], row): Row => [row % 9 === 4 ? micros - 2n * hour : micros, value]);
  return [
    ['a wave each hour', rowsOf(500, hour, wave), hour],
    ['an interval to be learnt', rowsOf(300, hour, wave), 0n],
    [
      'an interval that changes',
      [...rowsOf(200, hour, wave), ...rowsOf(200, minute, wave).map(([at, value]): Row => [at + 200n * hour, value])],
      0n,
    ],
    ['a trend', rowsOf(300, hour, (row) => row * 3 + random.next()), hour],
    ['random', rowsOf(300, hour, () => random.next()), hour],
    ['constant', rowsOf(250, hour, () => 7), hour],
    ['few points', rowsOf(30, hour, wave), hour],
    ['gaps, NULL and NaN', gappy.filter((_, row) => row % 50 < 45), hour],
    [
      'a gap longer than the memory',
      [...rowsOf(200, hour, wave), ...rowsOf(200, hour, wave).map(([at, value]): Row => [at + 900n * hour, value])],
      hour,
    ],
    ['equal and earlier times', disordered.flatMap((row, k) => (k % 20 === 3 ? [row, row] : [row])), hour],
    ['infinities', rowsOf(250, hour, (row) => (row % 19 === 7 ? Number.POSITIVE_INFINITY : wave(row))), hour],
    ['values of 10^18', rowsOf(300, hour, () => 1e18 * (1 + random.next())), hour],
    ['values of 10^-18', rowsOf(300, hour, () => 1e-18 * random.next()), hour],
    ['zeros and a few ones', rowsOf(300, hour, () => (random.next() < 0.1 ? 1 : 0)), hour],
    ['below zero', rowsOf(300, hour, (row) => -wave(row)), hour],
  ];
}
