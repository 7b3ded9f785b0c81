import { forecastStatuses } from '../../../kernels/models/forecast.ts';
import { forecastParameters } from './forecast.ts';
import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;

export const breach: LearningFunction = {
  name: 'breach',
  file: 'models/breach',
  model: 'Breach',
  values: 'number',
  parameters: [
    ...forecastParameters,
    { name: 'threshold', kind: 'number', fallback: null, least: -Number.MAX_VALUE, most: Number.MAX_VALUE },
    { name: 'bound', kind: 'choice', choices: { upper: 1, lower: -1 }, fallback: "'upper'", least: -1, most: 1 },
  ],
  fields: [
    { name: 'minutes_until', type: double, at: 'breachMinutesAt' },
    { name: 'probability', type: double, at: 'breachProbabilityAt' },
    { name: 'risk', type: double, at: 'breachRiskAt' },
    { name: 'status', type: { kind: 'varchar' }, at: 'breachStatusAt', texts: forecastStatuses },
  ],
};
