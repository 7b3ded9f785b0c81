import { type Contestant, type Figure, race } from './contestant.ts';
import { modelContestant } from './model-run.ts';
import type { PythonRivals } from './python.ts';

const alpha = 0.1;
const robustRows = 256;
/** Rows of the race whose rivals call Python for each. */
const slowRows = 20_000;
const tolerance = 1e-9;

/** Functions that learn one series, by their kernels. */
export async function smoothingRaces(values: Float64Array<ArrayBuffer>, rounds: number, python: PythonRivals | null): Promise<Figure[]> {
  const few = values.slice(0, slowRows);
  const rivals = async (rows: Float64Array, options: object, named: Readonly<Record<string, string>>): Promise<(Contestant | null)[]> => {
    if (python === null) return [];
    const all = { ...options, values: python.file('series', rows) };
    return Promise.all(Object.entries(named).map(([work, name]) => python.contestant(name, work.split('_')[0] as string, work, all)));
  };
  const run = (row: string, count: number, ours: Contestant, others: readonly (Contestant | null)[]): Promise<Figure[]> => {
    const contestants = [ours, ...others.filter((each) => each !== null)];
    return race({ row, unit: 'ns a row', count, contestants, tolerance }, rounds);
  };
  const ewma = { file: 'ewma', name: 'Ewma', results: ['ewmaMean', 'ewmaDeviation'], parameters: `${alpha}` };
  const robust = { file: 'robust-zscore', name: 'RobustZscore', results: ['robustZscore'], parameters: `${robustRows}` };
  const anomaly = { file: 'anomaly-score', name: 'AnomalyScore', results: ['anomalyScore'], parameters: '2, 0' };
  return [
    ...(await run(
      `ewma of alpha ${alpha}: mean and deviation`,
      values.length,
      await modelContestant('ewma(), its kernel (z besides)', ewma, values),
      await rivals(values, { alpha }, { pandas_ewm: 'pandas, two calls', polars_ewm: 'polars, two calls' }),
    )),
    ...(await run(
      `robust z-score in the last ${robustRows} rows`,
      few.length,
      await modelContestant('robust_zscore(), its kernel', robust, few),
      await rivals(few, { rows: robustRows }, { pandas_robust: 'pandas, apply of numpy', polars_robust: 'polars, rolling_map' }),
    )),
    ...(await run('anomaly_score (no rival has it)', values.length, await modelContestant('anomaly(), its kernel', anomaly, values), [])),
  ];
}
