import type { LearningFunction } from './learning-function.ts';

const double = { kind: 'double' } as const;

export const hostAnomaly: LearningFunction = {
  name: 'host_anomaly',
  file: 'models/host-anomaly',
  model: 'HostAnomaly',
  values: 'numbers',
  parameters: [
    { name: 'sensitivity', kind: 'number', fallback: '2', least: 0.5, most: 10 },
    { name: 'reference_rows', kind: 'count', fallback: '10000', least: 100, most: 10_000_000 },
  ],
  fields: [
    { name: 'score', type: double, at: 'hostAnomalyScore' },
    { name: 'held_score', type: double, at: 'hostAnomalyHeld' },
    { name: 'is_alarm', type: { kind: 'boolean' }, at: 'hostAnomalyAlarm' },
    { name: 'reference_distance', type: double, at: 'hostAnomalyFrozen' },
    { name: 'contributions', type: { kind: 'list', child: double }, at: 'hostAnomalyContributions', most: 'columns' },
  ],
};
