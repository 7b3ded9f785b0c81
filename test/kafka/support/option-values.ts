import { connectionOptions, sourceOptions } from '../../../connectors/kafka/options.ts';
import type { OptionValues } from '../../../connectors/options.ts';
import { parseOptions } from '../../../engine/sql/options.ts';

/** Options as a user writes them. */
export function optionValues(written: Readonly<Record<string, string>>): OptionValues {
  const span = { file: 'test.sql', start: 0, end: 0 };
  const raw = Object.entries(written).map(([name, value]) => ({ name, value, nameSpan: span, valueSpan: span }));
  const report = (error: Error) => {
    throw error;
  };
  return parseOptions({ ...connectionOptions, ...sourceOptions }, raw as never, { span, owner: 'kafka', columns: [], report } as never);
}
