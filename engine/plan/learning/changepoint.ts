import { changeDirections } from '../../../kernels/models/changepoint.ts';
import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;

export const changepoint: LearningFunction = {
  name: 'changepoint',
  file: 'models/changepoint',
  model: 'Changepoint',
  values: 'number',
  parameters: [{ name: 'sensitivity', kind: 'number', fallback: '2.5', least: 1, most: 10 }],
  fields: [
    { name: 'score', type: double, at: 'changepointScore' },
    { name: 'is_change', type: { kind: 'boolean' }, at: 'changepointChange' },
    { name: 'direction', type: { kind: 'varchar' }, at: 'changepointDirection', texts: changeDirections },
    { name: 'minutes_ago', type: double, at: 'changepointMinutesAgo' },
    { name: 'level_before', type: double, at: 'changepointBefore' },
    { name: 'level_after', type: double, at: 'changepointAfter' },
  ],
};
