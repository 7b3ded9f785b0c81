import { forecastStatuses, forecastTrends } from '../../../kernels/models/forecast.ts';
import type { LearningFunction, LearningParameter } from './learning-function.ts';

const list = { kind: 'list', child: { kind: 'double' } } as const;
const varchar = { kind: 'varchar' } as const;
const yearMicros = 366 * 86_400e6;

/** What the forecasts go by, in the order in which their kernels are told. */
export const forecastParameters: readonly LearningParameter[] = [
  { name: 'points', kind: 'count', fallback: '720', least: 140, most: 10_000 },
  { name: 'step', kind: 'interval', fallback: "INTERVAL '0 seconds'", least: 0, most: yearMicros },
  { name: 'every', kind: 'interval', fallback: "INTERVAL '1 hour'", least: 0, most: yearMicros },
  { name: 'horizon', kind: 'count', fallback: '60', least: 1, most: 60 },
];

export const forecast: LearningFunction = {
  name: 'forecast',
  file: 'models/forecast',
  model: 'Forecast',
  values: 'number',
  parameters: [
    ...forecastParameters,
    { name: 'method', kind: 'choice', choices: { bank: 0, seasonal_naive: 1 }, fallback: "'bank'", least: 0, most: 1 },
  ],
  fields: [
    { name: 'mean', type: list, at: 'forecastMean', most: 'horizon' },
    { name: 'lower', type: list, at: 'forecastLower', most: 'horizon' },
    { name: 'upper', type: list, at: 'forecastUpper', most: 'horizon' },
    { name: 'trend', type: varchar, at: 'forecastTrend', texts: forecastTrends },
    { name: 'season_strength', type: { kind: 'double' }, at: 'forecastSeasonStrength' },
    { name: 'status', type: varchar, at: 'forecastStatus', texts: forecastStatuses },
  ],
};
