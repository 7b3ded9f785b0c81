import type { LearningFunction } from './learning-function.ts';

export const zscore: LearningFunction = {
  name: 'zscore',
  file: 'models/zscore',
  model: 'Zscore',
  values: 'number',
  parameters: [{ name: 'rows', kind: 'count', fallback: '256', least: 3, most: 4096 }],
  fields: [{ name: '', type: { kind: 'double' }, at: 'zscore' }],
};
