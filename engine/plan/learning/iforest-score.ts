import type { LearningFunction, LearningParameter } from './learning-function.ts';

/** What the forests go by, in the order in which their kernels are told. */
export const iforestParameters: readonly LearningParameter[] = [
  { name: 'trees', kind: 'count', fallback: '100', least: 1, most: 1000 },
  { name: 'sample', kind: 'count', fallback: '256', least: 16, most: 1024 },
  { name: 'refit_rows', kind: 'count', fallback: '1000', least: 100, most: 10_000_000 },
  { name: 'history_rows', kind: 'count', fallback: '10000', least: 100, most: 10_000_000 },
  { name: 'seed', kind: 'count', fallback: '42', least: 0, most: 2 ** 32 - 1 },
];

export const iforestScore: LearningFunction = {
  name: 'iforest_score',
  file: 'models/iforest-score',
  model: 'IforestScore',
  values: 'numbers',
  parameters: iforestParameters,
  fields: [{ name: '', type: { kind: 'double' }, at: 'iforestScore' }],
};
