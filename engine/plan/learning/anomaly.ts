import { anomalySeverities, anomalyTypes } from '../../../kernels/models/anomaly-score.ts';
import { anomalyParameters } from './anomaly-score.ts';
import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;
const varchar = { kind: 'varchar' } as const;

export const anomaly: LearningFunction = {
  name: 'anomaly',
  file: 'models/anomaly-score',
  model: 'AnomalyScore',
  parameters: anomalyParameters,
  fields: [
    { name: 'score', type: double, at: 'anomalyScore', summary: 'As anomaly_score gives it.' },
    { name: 'is_alarm', type: { kind: 'boolean' }, at: 'anomalyAlarm', summary: 'True once for each event: what to be told of.' },
    {
      name: 'expected',
      type: double,
      at: 'anomalyExpected',
      summary: 'What the value should have been: the level of late, or what is usual at this hour (UTC).',
    },
    { name: 'lower', type: double, at: 'anomalyLower', summary: 'Two standard deviations below it.' },
    { name: 'upper', type: double, at: 'anomalyUpper', summary: 'Two standard deviations above it.' },
    {
      name: 'type',
      type: varchar,
      at: 'anomalyType',
      texts: anomalyTypes,
      summary: 'What stands out: spike, drop, shift, unseasonal, burst (values vary more) or flat (less); NULL below the sensitivity.',
    },
    {
      name: 'severity',
      type: varchar,
      at: 'anomalySeverity',
      texts: anomalySeverities,
      summary: 'By distance from the expected value: above 4 standard deviations critical, 3 high, 2 medium, else low; NULL as type is.',
    },
    {
      name: 'confidence',
      type: double,
      at: 'anomalyConfidence',
      summary: '1 less the probability of what the row shows: 0.999 at a score of 3.',
    },
  ],
  summary: 'The newest value of a series as its detector sees it.',
};
