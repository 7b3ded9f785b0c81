import { type Connector, ConnectorError, type OpenContext, type SourceReader } from '../connector.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { RecordField } from '../formats/decoder.ts';
import { formatOptions } from '../formats/options.ts';
import { checkDecodedColumns, planDecoder } from '../formats/plan-decoder.ts';
import { formatFaults } from '../formats/settings.ts';
import type { OptionValues } from '../options.ts';
import { connectionOptions, sourceOptions } from './options.ts';
import { reaches } from './position.ts';
import { recordLibrary } from './records/record-walk.ts';
import { type OptionFault, readSourceSettings, SettingsError } from './settings.ts';

/** Columns that come from the record around the value. */
const recordColumns: ReadonlyMap<string, RecordField> = new Map([
  ['_key', 'key'],
  ['_headers', 'headers'],
  ['_offset', 'offset'],
  ['_timestamp', 'timestamp'],
  ['_partition', 'partition'],
  ['_topic', 'topic'],
]);

export const kafka: Connector = {
  name: 'kafka',
  summary: 'Reads a topic of Apache Kafka 3.1 or newer: all of its partitions, those that are added later too.',
  options: { ...connectionOptions, ...sourceOptions, ...formatOptions },
  replayable: true,
  paced: false,
  divisible: true,
  checkColumns: (columns, options) =>
    checkDecodedColumns(columns, options, recordFields(columns)).map((fault) =>
      fault.message.includes(fault.column) ? fault : { ...fault, message: `"${fault.column}": ${fault.message}` },
    ),
  checkOptions,
  decoder: (columns, needed, options) =>
    planDecoder({ columns, needed, options, recordFields: recordFields(columns), libraries: [recordLibrary] }),
  lost: async (context) => (await import('./lost-offsets.ts')).lostOffsets(context, readSourceSettings(context.options)),
  reaches,
  open,
};

function recordFields(columns: readonly ColumnSpec[]): Readonly<Record<number, RecordField>> {
  return Object.fromEntries(
    columns.flatMap(({ name }, index) => {
      const field = recordColumns.get(name.toLowerCase());
      return field === undefined ? [] : [[index, field]];
    }),
  );
}

function checkOptions(options: OptionValues): readonly OptionFault[] {
  const faults: OptionFault[] = [...formatFaults(options)];
  try {
    readSourceSettings(options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    faults.push(error.fault);
  }
  return faults;
}

async function open(context: OpenContext): Promise<SourceReader> {
  const { source, options, directory, decoder } = context;
  if (decoder === undefined) throw new ConnectorError(source, 'connector kafka needs a decoder, and the engine has compiled none');
  // Only a thread that reads Kafka pays for what reads it.
  const [{ loadDecoder }, { openSource }] = await Promise.all([import('../formats/load-decoder.ts'), import('./open-source.ts')]);
  const makeDecoder = await loadDecoder(decoder.spec.format);
  return openSource(context, readSourceSettings(options), decoder, (program, module) =>
    makeDecoder({ source, program, module, options, directory }),
  );
}
