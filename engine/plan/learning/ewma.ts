import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;

export const ewma: LearningFunction = {
  name: 'ewma',
  file: 'models/ewma',
  model: 'Ewma',
  values: 'number',
  parameters: [{ name: 'alpha', kind: 'number', fallback: '0.1', least: 1e-6, most: 1 }],
  fields: [
    { name: 'mean', type: double, at: 'ewmaMean' },
    { name: 'deviation', type: double, at: 'ewmaDeviation' },
    { name: 'z', type: double, at: 'ewmaZ' },
  ],
};
