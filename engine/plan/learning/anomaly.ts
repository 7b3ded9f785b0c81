import { anomalySeverities, anomalyTypes } from '../../../kernels/models/anomaly-score.ts';
import { anomalyParameters } from './anomaly-score.ts';
import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;
const varchar = { kind: 'varchar' } as const;

export const anomaly: LearningFunction = {
  name: 'anomaly',
  file: 'models/anomaly-score',
  model: 'AnomalyScore',
  values: 'number',
  parameters: anomalyParameters,
  fields: [
    { name: 'score', type: double, at: 'anomalyScore' },
    { name: 'is_alarm', type: { kind: 'boolean' }, at: 'anomalyAlarm' },
    { name: 'expected', type: double, at: 'anomalyExpected' },
    { name: 'lower', type: double, at: 'anomalyLower' },
    { name: 'upper', type: double, at: 'anomalyUpper' },
    { name: 'type', type: varchar, at: 'anomalyType', texts: anomalyTypes },
    { name: 'severity', type: varchar, at: 'anomalySeverity', texts: anomalySeverities },
    { name: 'confidence', type: double, at: 'anomalyConfidence' },
  ],
};
