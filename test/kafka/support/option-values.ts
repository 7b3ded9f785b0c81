import { connectionOptions, sourceOptions } from '../../../connectors/kafka/options.ts';
import { kafkaSinkOptions } from '../../../connectors/kafka/sink/sink-options.ts';
import type { OptionSpecs, OptionValues } from '../../../connectors/options.ts';
import { parseOptions } from '../../../engine/sql/options.ts';

/** Options of a source as a user writes them. */
export function optionValues(written: Readonly<Record<string, string>>): OptionValues {
  return valuesOf({ ...connectionOptions, ...sourceOptions }, written);
}

/** The same of a sink. */
export function sinkOptionValues(written: Readonly<Record<string, string>>, columns: readonly string[] = []): OptionValues {
  return valuesOf(kafkaSinkOptions, written, columns);
}

function valuesOf(specs: OptionSpecs, written: Readonly<Record<string, string>>, columns: readonly string[] = []): OptionValues {
  const span = { file: 'test.sql', start: 0, end: 0 };
  const raw = Object.entries(written).map(([name, value]) => ({ name, value, nameSpan: span, valueSpan: span }));
  const report = (error: Error) => {
    throw error;
  };
  return parseOptions(specs, raw as never, { span, owner: 'kafka', columns, report } as never);
}
