import type { LearningFunction } from './learning-function.ts';

const bigint = { kind: 'bigint' } as const;
const boolean = { kind: 'boolean' } as const;

export const logTemplate: LearningFunction = {
  name: 'log_template',
  file: 'models/log-template',
  model: 'LogTemplate',
  values: 'text',
  parameters: [
    { name: 'templates', kind: 'count', fallback: '1000', least: 1, most: 100_000 },
    { name: 'similarity', kind: 'number', fallback: '0.5', least: 0, most: 1 },
    { name: 'learning', kind: 'interval', fallback: "INTERVAL '10 minutes'", least: 0, most: 366 * 86_400_000_000 },
    { name: 'burst_rows', kind: 'count', fallback: '10', least: 2, most: 1_000_000_000 },
  ],
  fields: [
    { name: 'template', type: { kind: 'varchar' }, at: 'logTemplateText' },
    { name: 'id', type: bigint, at: 'logTemplateId' },
    { name: 'count', type: bigint, at: 'logTemplateCount' },
    { name: 'is_new', type: boolean, at: 'logTemplateNew' },
    { name: 'is_burst', type: boolean, at: 'logTemplateBurst' },
    { name: 'usual_rate', type: { kind: 'double' }, at: 'logTemplateUsual' },
    { name: 'forgotten', type: bigint, at: 'logTemplateForgotten' },
  ],
};
