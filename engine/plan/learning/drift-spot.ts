import type { LearningFunction } from './learning-function.ts';

export const driftSpot: LearningFunction = {
  name: 'drift_spot',
  file: 'models/drift-spot',
  model: 'DriftSpot',
  values: 'number',
  parameters: [{ name: 'sensitivity', kind: 'number', fallback: '4', least: 1, most: 20 }],
  fields: [
    { name: 'score', type: { kind: 'double' }, at: 'driftSpotScore' },
    { name: 'is_alarm', type: { kind: 'boolean' }, at: 'driftSpotAlarm' },
  ],
};
