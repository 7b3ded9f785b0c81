import { expect, it } from 'vitest';
import { differenceOf, local, race } from '../../bench/learning/speed/contestant.ts';
import { OverQuery } from '../../bench/learning/speed/over-query.ts';
import { wanderingValues } from '../../bench/learning/speed/series.ts';

it('rolling statistics of the benchmark are those of the frames', async () => {
  const [series, rows, window] = [3, 300, 20];
  const values = wanderingValues(rows, 1);
  const query = await OverQuery.create({ values, series }, ['avg(v)', 'stddev_samp(v)', 'median(v)'], `ROWS ${window - 1} PRECEDING`);
  query.prepare();
  const results = new Float64Array(3 * rows);
  query.run(results);
  const wanted = new Float64Array(3 * rows);
  for (let row = 0; row < rows; row++) {
    const frame = values.filter((_, at) => at <= row && at % series === row % series).slice(-window);
    const mean = frame.reduce((sum, value) => sum + value, 0) / frame.length;
    const squares = frame.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const sorted = frame.toSorted();
    const middle = sorted.length >> 1;
    wanted[row] = mean;
    wanted[rows + row] = frame.length < 2 ? Number.NaN : Math.sqrt(squares / (frame.length - 1));
    wanted[2 * rows + row] = frame.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }
  expect(differenceOf(results, wanted)).toBeLessThan(1e-12);
});

it('a rival with other answers ends the benchmark', async () => {
  const contestant = (name: string, result: number) =>
    local(
      name,
      () => {},
      () => Float64Array.of(1, result),
    );
  const contestants = [contestant('ours', 2), contestant('theirs', 2.1)];
  await expect(race({ row: 'a row', unit: 'ns a row', count: 2, contestants, tolerance: 1e-9 }, 1)).rejects.toThrow(
    'a row: theirs differs',
  );
  expect(differenceOf(Float64Array.of(Number.NaN), Float64Array.of(0))).toBe(Number.POSITIVE_INFINITY);
});
