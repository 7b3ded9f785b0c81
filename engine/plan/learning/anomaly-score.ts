import type { LearningFunction, LearningParameter } from './learning-function.ts';

export const anomalyParameters: readonly LearningParameter[] = [
  { name: 'sensitivity', kind: 'number', fallback: '2', least: 0.5, most: 10 },
  { name: 'min_effect', kind: 'number', fallback: '0', least: 0, most: Number.MAX_VALUE },
];

export const anomalyScore: LearningFunction = {
  name: 'anomaly_score',
  file: 'models/anomaly-score',
  model: 'AnomalyScore',
  values: 'number',
  parameters: anomalyParameters,
  fields: [{ name: '', type: { kind: 'double' }, at: 'anomalyScore' }],
};
