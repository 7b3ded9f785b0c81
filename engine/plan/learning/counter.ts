import type { LearningFunction } from './learning-function.ts';

const counter = { file: 'models/counter', model: 'Counter', values: 'number', parameters: [] } as const;
const type = { kind: 'double' } as const;

export const increase: LearningFunction = { name: 'increase', ...counter, fields: [{ name: '', type, at: 'counterIncrease' }] };
export const rate: LearningFunction = { name: 'rate', ...counter, fields: [{ name: '', type, at: 'counterRate' }] };
