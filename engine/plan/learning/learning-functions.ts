import type { DataType } from '../../../connectors/data-type.ts';
import { anomaly } from './anomaly.ts';
import { anomalyScore } from './anomaly-score.ts';
import { breach } from './breach.ts';
import { increase, rate } from './counter.ts';
import { driftSpot } from './drift-spot.ts';
import { ewma } from './ewma.ts';
import { hostAnomaly } from './host-anomaly.ts';
import { iforest } from './iforest.ts';
import { iforestScore } from './iforest-score.ts';
import { robustZscore } from './robust-zscore.ts';
import { forecast } from './forecast.ts';
import type { LearningFunction } from './learning-function.ts';

export const learningFunctions: readonly LearningFunction[] = [
  anomalyScore,
  anomaly,
  driftSpot,
  hostAnomaly,
  iforestScore,
  iforest,
  forecast,
  breach,
  ewma,
  robustZscore,
  rate,
  increase,
];

const prefix = '__learn_';

/** What the binder's macro calls: a bound plan says by it which function it is. */
export function learningMarker({ name }: LearningFunction): string {
  return `${prefix}${name}`;
}

export function functionOfMarker(name: string): LearningFunction | undefined {
  return name.startsWith(prefix) ? learningFunctions.find((each) => learningMarker(each) === name) : undefined;
}

/** The name of the call that gives one field: `anomaly_score`, `anomaly.expected`. */
export function fieldCall({ name, fields }: LearningFunction, field: number): string {
  const own = fields[field]?.name ?? '';
  return own === '' ? name : `${name}.${own}`;
}

export function learningCall(name: string): { readonly learns: LearningFunction; readonly field: number } | undefined {
  for (const learns of learningFunctions) {
    const field = learns.fields.findIndex((_, index) => fieldCall(learns, index) === name);
    if (field >= 0) return { learns, field };
  }
  return undefined;
}

export function learningType({ fields }: LearningFunction): DataType {
  const [only] = fields;
  if (only?.name === '') return only.type;
  return { kind: 'struct', fields: fields.map(({ name, type }) => ({ name, type })) };
}
