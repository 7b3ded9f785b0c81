import type { LearningFunction } from './learning-function.ts';

export const robustZscore: LearningFunction = {
  name: 'robust_zscore',
  file: 'models/robust-zscore',
  model: 'RobustZscore',
  values: 'number',
  parameters: [{ name: 'rows', kind: 'count', fallback: '256', least: 3, most: 4096 }],
  fields: [{ name: '', type: { kind: 'double' }, at: 'robustZscore' }],
};
