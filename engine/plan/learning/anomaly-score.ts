import type { LearningFunction } from './learning-function.ts';

export const anomalyParameters = [
  {
    name: 'sensitivity',
    fallback: 2,
    least: 0.5,
    most: 10,
    summary:
      'Score from which on a row alarms: 1 more is a tenth of the alarms. Pure noise alarms about once in 10^(sensitivity + 1) rows.',
  },
  { name: 'min_effect', fallback: 0, least: 0, most: Number.MAX_VALUE, summary: 'Deviations of at most this size count as none.' },
] as const;

export const anomalyScore: LearningFunction = {
  name: 'anomaly_score',
  file: 'models/anomaly-score',
  model: 'AnomalyScore',
  parameters: anomalyParameters,
  fields: [
    {
      name: '',
      type: { kind: 'double' },
      at: 'anomalyScore',
      summary: "Minus the decimal logarithm of how rare what the row shows is, by the series' own history: 3 is one in a thousand.",
    },
  ],
  summary: 'How unusual the newest value is for its series.',
};
