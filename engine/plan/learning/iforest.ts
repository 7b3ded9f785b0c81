import { anomalySeverities } from '../../../kernels/models/anomaly-score.ts';
import { iforestTypes } from '../../../kernels/models/iforest.ts';
import { iforestParameters } from './iforest-score.ts';
import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;
const varchar = { kind: 'varchar' } as const;

export const iforest: LearningFunction = {
  name: 'iforest',
  file: 'models/iforest',
  model: 'Iforest',
  values: 'number',
  parameters: [...iforestParameters, { name: 'contamination', kind: 'number', fallback: '0.01', least: 0.0001, most: 0.5 }],
  fields: [
    { name: 'score', type: double, at: 'iforestScore' },
    { name: 'is_anomaly', type: { kind: 'boolean' }, at: 'iforestAnomaly' },
    { name: 'expected', type: double, at: 'iforestExpected' },
    { name: 'lower', type: double, at: 'iforestLower' },
    { name: 'upper', type: double, at: 'iforestUpper' },
    { name: 'confidence', type: double, at: 'iforestConfidence' },
    { name: 'type', type: varchar, at: 'iforestType', texts: iforestTypes },
    { name: 'severity', type: varchar, at: 'iforestSeverity', texts: anomalySeverities },
  ],
};
