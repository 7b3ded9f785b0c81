import { cpuMs } from '../../measure.ts';
import { type Contestant, type Figure, race } from './contestant.ts';
import { OverQuery, type TurningRows } from './over-query.ts';
import type { PythonRivals } from './python.ts';

/** What pandas and polars call it, and SQL. */
const statistics = { mean: 'avg(v)', std: 'stddev_samp(v)', min: 'min(v)', max: 'max(v)', median: 'median(v)' } as const;
type Statistic = keyof typeof statistics;
const asked: readonly (readonly Statistic[])[] = [['mean', 'std', 'min', 'max'], ['mean'], ['std'], ['min'], ['max'], ['median']];

/** Standard deviations of a frame are 1 or so: what rounding leaves of sums that had a hundred rows added and taken off. */
const tolerance = 1e-9;
const target = 3;

/**
 * Statistics of the last rows of each series: the generated kernel of one SELECT over rows of all series as they come, beside pandas
 * and polars over the same rows (by group) and over columns that hold one series each, which only they are given.
 */
export async function rollingRaces(rows: TurningRows, window: number, rounds: number, python: PythonRivals | null): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const names of asked) {
    const ours = await overContestant(rows, names, window);
    const contestants = [ours, ...(python === null ? [] : await rivalsOf(python, rows, names, window))];
    const row = `${names.join(', ')} of the last ${window} rows, ${rows.series} series`;
    figures.push(...(await race({ row, unit: 'ns a row', count: rows.values.length, contestants, tolerance, target }, rounds)));
  }
  return figures;
}

async function overContestant(rows: TurningRows, names: readonly Statistic[], window: number): Promise<Contestant> {
  const calls = names.map((name) => statistics[name]);
  const create = () => OverQuery.create(rows, calls, `ROWS ${window - 1} PRECEDING`);
  const query = await create();
  return {
    name: 'SQL OVER, its kernel',
    run() {
      query.prepare();
      return cpuMs(() => query.run(null));
    },
    // Of an instance that has seen nothing: the measured one goes on with each series from pass to pass.
    async answer() {
      const once = await create();
      once.prepare();
      const results = new Float64Array(names.length * rows.values.length);
      once.run(results);
      return bySeries(results, rows.series, names.length);
    },
  };
}

async function rivalsOf(python: PythonRivals, rows: TurningRows, names: readonly Statistic[], window: number): Promise<Contestant[]> {
  const { series } = rows;
  const options = { values: python.file('rolling', rows.values), series, rows: window, names };
  const over = await python.contestant('polars, over("k")', 'polars', 'polars_over', options);
  const contestants = [
    await python.contestant('pandas, groupby', 'pandas', 'pandas_groups', options),
    over === null ? null : { ...over, answer: async () => bySeries((await over.answer()) as Float64Array, series, names.length) },
    await python.contestant('pandas, a column per series', 'pandas', 'pandas_columns', options),
    await python.contestant('polars, a column per series', 'polars', 'polars_columns', options),
  ];
  return contestants.filter((each) => each !== null);
}

/** Rows in turn become one series after the other, column by column. */
function bySeries(results: Float64Array, series: number, columns: number): Float64Array {
  const rows = results.length / columns;
  const ordered = new Float64Array(results.length);
  let to = 0;
  for (let column = 0; column < columns; column++)
    for (let each = 0; each < series; each++)
      for (let row = each; row < rows; row += series) ordered[to++] = results[column * rows + row] as number;
  return ordered;
}
